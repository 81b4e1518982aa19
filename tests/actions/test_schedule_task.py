"""What may be set for later; how it goes on is in tests/apps_engine/services/test_tasks.py (ACT-09)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from actions.schedule_task import ScheduleTask, ScheduleTaskParams, UnknownFlow, delay_of

pytestmark = [pytest.mark.requirement("ACT-09"), pytest.mark.requirement("ACT-06")]


@pytest.mark.parametrize(
    ("delay", "length"),
    [
        ("2h", timedelta(hours=2)),
        ("7 days", timedelta(hours=168)),
        (90, timedelta(seconds=90)),
        (Decimal("1.5"), timedelta(seconds=1.5)),
        (604_800, timedelta(hours=168)),
        (0, timedelta(0)),
    ],
)
def test_a_delay_is_a_duration_or_a_number_of_seconds(delay, length):
    assert delay_of(ScheduleTaskParams.model_validate({"flow": "f", "delay": delay}).delay) == length


@pytest.mark.parametrize("delay", ["8d", 604_801, -1, "soon", "", None, True])
def test_a_delay_is_at_most_168_hours_and_no_nonsense(delay):
    with pytest.raises(ValidationError):
        ScheduleTaskParams.model_validate({"flow": "f", "delay": delay})


@pytest.mark.parametrize("names", [{}, {"flow": "a", "action_id": "a"}])
def test_the_flow_is_named_once(names):
    with pytest.raises(ValidationError, match="once"):
        ScheduleTaskParams.model_validate({**names, "delay": "1h"})


def test_a_flow_that_the_app_does_not_have_is_refused(acting, perform):
    with pytest.raises(UnknownFlow, match="nowhere"):
        perform(ScheduleTask(), {"action_id": "nowhere", "delay": "1h"})
