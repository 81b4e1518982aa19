"""What the log says of a call, and what it never says."""

from __future__ import annotations

import json
import logging

import pytest

from decommerce.outgoing.door import send
from decommerce.outgoing.errors import OutgoingDomainRefused
from decommerce.outgoing.request import OutgoingRequest
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("ACT-02")


def test_each_call_is_logged_without_its_secrets(receiver, policy, url, caplog):
    token = "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX1"
    receiver.answers[f"/services/{token}"] = reply("200 OK", b"body secret", Set_Cookie="session=secret", Server="demo")
    request = OutgoingRequest(
        url=f"{url}/services/{token}?key=query-secret",
        headers={"Authorization": "Bearer header-secret", "Content-Type": "text/plain"},
        body=b"body secret",
        timeout_seconds=5,
    )
    with caplog.at_level(logging.DEBUG):
        answer = send(request, policy)

    record = answer.record
    assert (record.method, record.host, record.port) == ("POST", "hooks.example.com", receiver.port)
    assert (record.status, record.code, record.sent, record.request_bytes) == (200, "", True, 11)
    assert record.response_bytes > len(b"body secret")
    assert record.path == "/services/T00000000/B00000000/[redacted]"
    assert record.request_headers == {"authorization": "[redacted]", "content-type": "text/plain"}
    assert record.response_headers["set-cookie"] == "[redacted]"
    assert record.response_headers["server"] == "demo"
    [line] = [entry for entry in caplog.records if entry.name == "decommerce.outgoing"]
    assert "200" in line.getMessage()
    written = caplog.text + json.dumps(line.outgoing)  # of every library, down to DEBUG
    assert "secret" not in written
    assert "XXXX" not in written


def test_a_refused_call_is_logged_with_its_code(policy, receiver, caplog):
    with caplog.at_level(logging.INFO), pytest.raises(OutgoingDomainRefused):
        send(OutgoingRequest(url=f"https://evil.example:{receiver.port}/path", timeout_seconds=5), policy)
    [line] = [entry for entry in caplog.records if entry.name == "decommerce.outgoing"]
    assert line.levelno == logging.WARNING
    assert line.outgoing["code"] == "outgoing_domain_refused"
    assert line.outgoing["sent"] is False
