"""Hints wake workers early, and are worth little (docs/execution.md 1)."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.conf import settings

from apps_engine.services import hints
from apps_engine.services.hints import CALL_TASK, DELIVER_TASK, RUN_TASK, hint_runs, send_hint
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
def test_while_nobody_hears_hints_only_so_many_of_them_fill_a_queue_and_the_others_take_theirs(
    waiting, redis, monkeypatch
):
    monkeypatch.setattr(hints, "MOST_WAITING", 5)
    monkeypatch.setattr(hints, "HINTS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(hints, "_lines", defaultdict(hints._Line))
    # True for those that were not sent, too: the broker is there, and nobody is to do the work for those who hear it.
    assert all(send_hint(CALL_TASK, [number]) for number in range(1, 9))
    assert all(send_hint(task) for task in (RUN_TASK, DELIVER_TASK))
    assert [waiting(name) for name in ("calls", "runs", "delivery")] == [5, 1, 1]
    redis.delete(f"{settings.QUEUE_NAMESPACE}:calls")
    assert send_hint(CALL_TASK, [9])
    assert waiting("calls") == 1
