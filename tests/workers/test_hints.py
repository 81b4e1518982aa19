"""Hints wake workers early, and are worth little (docs/execution.md 1)."""

from __future__ import annotations

import pytest
from django.conf import settings

from apps_engine.services import hints
from apps_engine.services.hints import RUN_TASK, send_hint


@pytest.mark.requirement("RUN-04")
def test_while_nobody_hears_hints_only_so_many_of_them_fill_the_broker(redis, monkeypatch):
    runs = f"{settings.QUEUE_NAMESPACE}:runs"
    redis.delete(*(f"{settings.QUEUE_NAMESPACE}:{queue.name}" for queue in settings.CELERY_TASK_QUEUES))
    monkeypatch.setattr(hints, "MOST_WAITING", 5)
    monkeypatch.setattr(hints, "HINTS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(hints, "_line", hints._Line())
    assert [send_hint(RUN_TASK, [number]) for number in range(1, 9)] == [True] * 5 + [False] * 3
    assert redis.llen(runs) == 5
    redis.delete(runs)
    assert send_hint(RUN_TASK, [9])
    redis.delete(runs)
