"""Every operation of the API keeps to its OpenAPI document, whatever is sent to it (OPS-04).

Schemathesis derives requests from the document, those that fit it and those that do not, and holds each answer of a
real server against it: its status, its headers, its shape, who may ask. Here it goes through the places where values
are near their bounds; `make schemathesis` goes on with random requests and with sequences of them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.community import key_and_numbers
from tests.web_server import WebServer, web_server

pytestmark = pytest.mark.requirement("OPS-04")

SETTINGS = Path(__file__).with_name("schemathesis.toml")
NO_LIMIT = {"DECOMMERCE_READ_RATE": "100000/second", "DECOMMERCE_WRITE_RATE": "100000/second"}
SECONDS = float(os.environ.get("CONTRACT_SECONDS", "0"))
# Nobody comes in without a key, so requests at the bounds of values tell no more than those that fit.
WITHOUT_KEY = ("--mode", "positive", "--exclude-checks", "positive_data_acceptance")


@pytest.fixture(scope="module")
def server(service_environment, tmp_path_factory) -> Iterator[WebServer]:
    with web_server({**service_environment, **NO_LIMIT}, tmp_path_factory.mktemp("web") / "web.log") as running:
        yield running


def schemathesis(server: WebServer, folder: Path, numbers: dict[str, int], *options: str) -> str:
    """What it prints; the test fails where it found something."""
    settings = folder / "schemathesis.toml"
    settings.write_text(with_numbers(SETTINGS.read_text(), numbers))
    phases = ["--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(int(SECONDS))] if SECONDS else []
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(settings), "run"),
        *(f"{server.url}/api/v1/openapi.json", "--checks", "all", "--no-color", "--continue-on-failure"),
        *(phases or ["--phases", "examples,coverage", "--seed", "1"]),
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def with_numbers(settings: str, numbers: dict[str, int]) -> str:
    """The settings, with the number of each thing in the place of its name."""
    for name, number in numbers.items():
        settings = settings.replace(f'"${{{name}}}"', str(number))
    return settings


def operations_tested(told: str) -> tuple[int, int]:
    """How many operations there are, and how many were tested."""
    selected = re.search(r"Selected: \d+/(\d+)\s+Tested: (\d+)", told)
    assert selected, told
    return int(selected[1]), int(selected[2])


@pytest.mark.parametrize("with_key", [True, False], ids=["with a full key", "without a key"])
def test_every_operation_keeps_to_the_document(server, tenant, tmp_path, with_key):
    secret, numbers = key_and_numbers(tenant)
    credentials = ("--header", f"Authorization: Bearer {secret}") if with_key else WITHOUT_KEY
    every, tested = operations_tested(schemathesis(server, tmp_path, numbers, *credentials))
    assert every == tested > 40
    assert "ERROR" not in server.log.read_text()
