"""A Valkey without room for another key: nobody is refused, nothing is lost, limits are kept (promise 9)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest
import requests
from django.conf import settings as django_settings
from kombu import Connection
from redis import Redis
from redis.exceptions import OutOfMemoryError

from apps_engine.services.apps import create_app
from decommerce.community import publisher
from decommerce.community.models import OutboxEvent
from decommerce.operations import broker
from decommerce.operations.health import system_health
from decommerce.tenancy.context import tenant_scope
from deploy.local.services import purge, start_services
from tests.apps_engine.api.conftest import key_of
from tests.apps_engine.api.definitions import short_list
from tests.scenarios.definitions import stamping
from tests.waiting import until
from tests.web_server import web_server


@pytest.fixture
def full(tmp_path_factory, monkeypatch) -> Iterator[str]:
    """The address of a server that takes no more; this process publishes to it."""
    root = tmp_path_factory.mktemp("full")
    url = start_services(root, durable=False, postgres=False).redis_url
    client = Redis.from_url(url)
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 400_000)
    with suppress(OutOfMemoryError):
        for number in count():
            client.set(f"fill:{number}", "x" * 1000)
    there = Connection(url, transport_options=django_settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    monkeypatch.setattr(broker, "broker_connection", lambda: there)
    yield url
    purge(root)


@pytest.mark.requirement("TRG-08")
@pytest.mark.requirement("MCP-01")
def test_with_a_full_valkey_events_wait_runs_are_made_by_the_sweep_and_writes_are_still_counted(
    processes,
    full,
    settings,
    tenant,
    principal,
    members,
    start_runs,
    stamps,
    wait_for_states,
    service_environment,
    tmp_path,
):
    with tenant_scope(tenant.pk):
        joined = {"type": "event", "event": "member.joined"}
        create_app(principal, stamping("{{ trigger.member.id }}", trigger=joined))
    people = members(5)
    with tenant_scope(tenant.pk):
        assert OutboxEvent.objects.filter(published_at=None).count() == 5
    settings.REDIS_URL = full
    (told,) = (part.told for part in system_health().parts if part.name == "Valkey")
    assert told == "Answers and takes no writes: look at its limits of memory and disk."
    worker = processes.worker(ready="Frequent restarts", REDIS_URL=full)
    consumer = processes.start("consumer", [sys.executable, "manage.py", "consume_events"], {"REDIS_URL": full})
    wait_for_states(start_runs(stamping(people[0], "by the sweep", name="Sweep"), 5), "succeeded")
    few = {**service_environment, "REDIS_URL": full, "DECOMMERCE_WRITE_RATE": "3/minute"}
    with web_server(few, tmp_path / "web.log") as server:
        headers = {"Authorization": f"Bearer {key_of(tenant)}"}
        address, body = f"{server.url}/api/v1/definitions/validate", {"definition": short_list()}
        answers = [requests.post(address, json=body, headers=headers, timeout=10) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    Redis.from_url(full).config_set("maxmemory", 0)
    # A message that found room, and whose receipt then found none, is published again after a minute.
    seconds = publisher.LOST.total_seconds() + 60
    until(lambda: len(stamps()) == 10, "the events arrive once there is room", seconds)
    assert worker.popen.poll() is None
    assert consumer.popen.poll() is None
