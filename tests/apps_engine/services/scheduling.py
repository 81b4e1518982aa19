"""Schedules that are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps_engine.store.models import Decision, Schedule
from decommerce.tenancy.context import tenant_scope

TELL = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "It is time"}}


def times_passed() -> int:
    """How many are told to have passed while the app was paused. Needs the tenant's scope."""
    return sum(Decision.objects.filter(outcome="paused").values_list("repeats", flat=True))


def due_since(tenant: Any, hours: int) -> datetime:
    """Pretend that nobody ticked for so many full hours; returns the first fire that was missed."""
    last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=hours - 1)
    with tenant_scope(tenant.pk):
        Schedule.objects.update(next_fire_at=first)
    return first
