"""Events of other programs, sent with exactly the words of the pages in docs, start apps on real workers (TRG-08)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.store.models import EventInbox
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from tests.apps_engine.services.definitions import definition
from tests.environment import REPOSITORY
from tests.waiting import until
from tests.web_server import WebServer, web_server

pytestmark = pytest.mark.requirement("TRG-08")

_SNIPPETS = re.compile(r"^```(sh|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS = {"sh": ["bash", "-ec"], "python": [sys.executable, "-c"]}


def snippets(language: str, page: str = "events.md") -> list[str]:
    """The snippets of the document in that language."""
    found = _SNIPPETS.findall((REPOSITORY / "docs" / page).read_text())
    return [text for kind, text in found if kind == language]


def run(language: str, text: str, environment: Mapping[str, str]) -> str:
    """What a program prints; fails the test if it fails."""
    command = [*COMMANDS[language], text]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def listening(tenant, principal, members) -> None:
    """An app that leaves a stamp when Mira joins."""
    (member,) = members(1)
    stamp = {"member_id": member, "text": "{{ trigger.member.display_name }} is new"}
    steps = [{"id": "stamp", "act": "stamp", "params": stamp}]
    trigger = {"type": "event", "event": "member.joined", "filter": {"member.display_name": {"contains": "Mira"}}}
    with tenant_scope(tenant.pk):
        create_app(principal, definition(steps, trigger, name="Greeter"))


@pytest.fixture
def server(processes, tmp_path) -> Iterator[WebServer]:
    """A web process that knows the actions of the workers."""
    with web_server(processes.environment, tmp_path / "web.log") as running:
        yield running


@pytest.fixture
def inbox(tenant) -> Callable[[], list[Any]]:
    """Ids and sources of the programs' events that were taken in."""

    def read() -> list[Any]:
        with tenant_scope(tenant.pk):
            found = EventInbox.objects.filter(source="/signup").order_by("pk")
            return list(found.values_list("event_id", flat=True))

    return read


def test_events_sent_with_curl_run_the_app_that_listens_once_each(
    processes, server, tenant, principal, listening, stamps, inbox
):
    with tenant_scope(tenant.pk):
        _, secret = create_key(principal, "Sign-up", ["events:write"])
    processes.worker()
    environment = {"DECOMMERCE_URL": server.url, "DECOMMERCE_KEY": secret}
    one, batch = snippets("sh")
    assert '"status":"accepted"' in run("sh", one, environment)
    assert '"status":"accepted"' in run("sh", batch, environment)
    assert '"status":"duplicate"' in run("sh", one, environment)
    assert inbox() == ["signup-1", "signup-2"]
    until(lambda: len(stamps()) == 2, "the app ran for both")
    assert set(stamps()) == {"Mira Sand is new"}


def test_an_event_that_kombu_put_on_the_queue_runs_the_app_that_listens(
    processes, service_environment, tenant, listening, stamps, inbox
):
    processes.consumer()
    processes.worker()
    (publisher,) = snippets("python")
    (of_a_batch,) = [text for text in snippets("python", "agents.md") if "kombu" in text]
    for text in (publisher, publisher, of_a_batch):
        run("python", text, {**service_environment, "TENANT": tenant.slug})
    until(lambda: stamps() == ["Mira Sand is new"] * 2, "the app ran once for each")
    assert inbox() == ["signup-3", "signup-4"]
