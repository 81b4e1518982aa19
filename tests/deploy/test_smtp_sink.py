"""The mail server of the demo, as a process, spoken to by a real client."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.local.ports import accepts, free_port
from deploy.local.processes import wait_until

pytestmark = pytest.mark.requirement("OPS-03")
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a running sink that keeps its mail in `tmp_path`/mail."""
    port = free_port()
    command = [sys.executable, "-m", "deploy.local.smtp_sink", "--port", str(port), "--folder", str(tmp_path / "mail")]
    sink = subprocess.Popen(command, cwd=REPOSITORY)
    assert wait_until(lambda: accepts(port), 15)
    yield port
    sink.terminate()
    assert sink.wait(10) == 0


def test_every_message_becomes_a_file_with_its_envelope(port, tmp_path):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@acme.example", "ada@acme.example", "Grüße"
    message.set_content("Danke für Ihren Einkauf.\n.\nA line with a dot.\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(message, to_addrs=["ada@acme.example", "bcc@acme.example"])
        client.send_message(message)
    files = sorted((tmp_path / "mail").glob("*.eml"))
    assert len(files) == 2
    kept = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert kept["Subject"] == "Grüße"
    assert kept["X-RcptTo"] == "ada@acme.example, bcc@acme.example"
    assert kept.get_content().replace("\r\n", "\n") == "Danke für Ihren Einkauf.\n.\nA line with a dot.\n"
