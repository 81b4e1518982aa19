"""A receiver that proves itself as hooks.example.com and under partner.example, and a policy that reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from decommerce.outgoing.addresses import refusal
from decommerce.outgoing.policy import Policy
from tests.decommerce.outgoing.authority import Authority
from tests.decommerce.outgoing.receiver import Receiver

LOCAL = "127.0.0.1"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the tests' policies trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(authority: Authority) -> Iterator[Receiver]:
    """A receiver with a certificate for hooks.example.com and *.partner.example."""
    receiver = Receiver(authority.server_context(["hooks.example.com", "*.partner.example"]))
    yield receiver
    receiver.stop()


def refuse_all_but(*exempt: str) -> Callable[[str], str | None]:
    """The real rule, with exceptions for the addresses that a test's servers listen at."""
    return lambda address: None if address in exempt else refusal(address)


@pytest.fixture
def make_policy(authority: Authority, receiver: Receiver) -> Callable[..., Policy]:
    """A policy under which every listed name is the receiver's; options override."""

    def make(**options: object) -> Policy:
        defaults: dict[str, object] = {
            "domains": ("hooks.example.com", "*.partner.example"),
            "ports": frozenset({receiver.port}),
            "resolver": lambda host, port: [LOCAL],
            "refuse_address": refuse_all_but(LOCAL),
            "ca_bundle": str(authority.bundle),
        }
        return Policy(**{**defaults, **options})

    return make


@pytest.fixture
def policy(make_policy: Callable[..., Policy]) -> Policy:
    """The ordinary policy of these tests."""
    return make_policy()


@pytest.fixture
def url(receiver: Receiver) -> str:
    """The receiver's URL without a path."""
    return f"https://hooks.example.com:{receiver.port}"


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory for tests that put files there."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
