"""What a queued run waits for (TRG-11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps_engine.services.waits import wait_of
from apps_engine.store.models import App, Execution

pytestmark = pytest.mark.requirement("TRG-11")
FULL_HOUR = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)


@pytest.mark.parametrize(
    ("trigger_type", "trigger_key", "waits_for"),
    [
        ("event", "post:event:1", "quota"),
        ("delayed", "joined:event:1:0", "time"),
        ("task", "task:0a1b:1", "time"),
        ("manual", "replay:7:0a1b", "time"),
    ],
)
def test_only_what_was_to_begin_at_once_waits_for_the_quota_at_a_full_hour(trigger_type, trigger_key, waits_for):
    run = Execution(
        app=App(status=App.Status.ACTIVE),
        state=Execution.State.QUEUED,
        run_at=FULL_HOUR,
        trigger_type=trigger_type,
        trigger_key=trigger_key,
    )
    waits = wait_of(run)
    assert waits is not None
    assert (waits.on, waits.until) == (waits_for, FULL_HOUR)
