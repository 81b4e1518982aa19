"""Hints wake workers early, and are worth little (docs/execution.md 1)."""

from __future__ import annotations

import pytest
from django.conf import settings

from apps_engine.services import hints
from apps_engine.services.hints import RUN_TASK, hint_runs, send_hint
from apps_engine.store.models import Lane


@pytest.fixture
def waiting(redis):
    """How many messages wait on a queue; on each of them none at first."""
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    redis.delete(*(f"{settings.QUEUE_NAMESPACE}:{name}" for name in names))
    yield lambda name: redis.llen(f"{settings.QUEUE_NAMESPACE}:{name}")
    redis.delete(*(f"{settings.QUEUE_NAMESPACE}:{name}" for name in names))


@pytest.mark.requirement("RUN-01")
def test_runs_are_told_to_the_workers_of_their_lane_and_to_nobody_else(waiting):
    hint_runs({1: Lane.RUNS, 2: Lane.CALLS, 3: Lane.RUNS})
    assert (waiting("runs"), waiting("calls")) == (1, 1)
    hint_runs({4: "calls"})
    assert (waiting("runs"), waiting("calls")) == (1, 2)


@pytest.mark.requirement("RUN-04")
def test_while_nobody_hears_hints_only_so_many_of_them_fill_the_broker(waiting, redis, monkeypatch):
    monkeypatch.setattr(hints, "MOST_WAITING", 5)
    monkeypatch.setattr(hints, "HINTS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(hints, "_line", hints._Line())
    assert [send_hint(RUN_TASK, [number]) for number in range(1, 9)] == [True] * 5 + [False] * 3
    assert waiting("runs") == 5
    redis.delete(f"{settings.QUEUE_NAMESPACE}:runs")
    assert send_hint(RUN_TASK, [9])
