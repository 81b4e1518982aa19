"""Beat sends what is due, each piece once, whatever its broker does meanwhile (docs/execution.md, promises 7 and 9)."""

from __future__ import annotations

import json
import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from redis import Redis

from decommerce.celery import app
from decommerce.operations import broker, health
from decommerce.operations.health import system_health
from deploy.local.services import purge, service_pids, start_services
from tests.waiting import until
from workers import beat
from workers.beat import Scheduler

PIECES = {"workers.tick": 1, "workers.retention": 1, "workers.deprecations": 1, "workers.shadows": 1}


@pytest.fixture
def valkey(settings, monkeypatch, tmp_path_factory) -> Iterator[int]:
    """The number of the process of a server of its own, which this process's beat sends to."""
    root = tmp_path_factory.mktemp("beat")
    settings.REDIS_URL = settings.CELERY_BROKER_URL = start_services(root, durable=False, postgres=False).redis_url
    monkeypatch.setattr(broker, "PATIENCE_SECONDS", 0.4)
    monkeypatch.setattr(broker, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(broker, "_silence", broker._Silence())
    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(beat, "AGAIN_SECONDS", 0.05)
    broker.broker_connection.cache_clear()
    pid = service_pids(root)["Valkey"]
    yield pid
    os.kill(pid, signal.SIGCONT)
    broker.broker_connection.cache_clear()
    purge(root)


def _sent(settings) -> Counter[str]:
    messages = Redis.from_url(settings.REDIS_URL).lrange(f"{settings.QUEUE_NAMESPACE}:maintenance", 0, -1)
    return Counter(json.loads(message)["headers"]["task"] for message in messages)


def _send_due() -> None:
    """What a beat does that begins now."""
    try:
        PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(days=2))
        scheduler = Scheduler(app=app)
        while scheduler.tick() == 0:
            pass
        scheduler.close()
    finally:
        connections.close_all()


@pytest.mark.requirement("TRG-01")
@pytest.mark.requirement("OPS-01")
def test_while_its_broker_is_frozen_beat_waits_and_then_sends_what_is_due_once(valkey, settings, caplog):
    caplog.set_level(logging.INFO, "workers.beat")
    Scheduler(app=app)
    PeriodicTask.objects.exclude(task__in=PIECES).update(enabled=False)
    _send_due()
    assert _sent(settings) == PIECES
    os.kill(valkey, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        sending = threads.submit(_send_due)
        until(lambda: caplog.text.count("the broker takes nothing"), "beat says what is wrong")
        until(lambda: broker._silence.until > 0.0, "it asks again")
        parts = {part.name: (part.state, part.told) for part in system_health().parts}
        assert parts["Valkey"] == ("down", "Does not answer.")
        assert parts["beat"] == ("down", "Cannot be told while Valkey is away.")
        assert not sending.done()
        os.kill(valkey, signal.SIGCONT)
        sending.result(20)
    assert _sent(settings) == dict.fromkeys(PIECES, 2)
    assert "the broker takes messages again" in caplog.text
