"""The times of schedules that are due, and those that pass while their app is paused (TRG-01, TRG-11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from apps_engine.language.cron import next_fires
from apps_engine.language.instants import format_instant
from apps_engine.services.decisions import Refusal, record_decisions
from apps_engine.store.models import App, Decision, Schedule

# A schedule that was not looked at for long has more missed fires than anyone wants listed.
MOST_MISSED = 1000


def due_fires(schedule: Schedule, now: datetime) -> list[datetime]:
    """The fires that are due, the oldest first: mostly there is only one. Of very many, the oldest and the latest."""
    fires = [schedule.next_fire_at or now]
    step = 1
    while len(fires) < MOST_MISSED:
        later = next_fires(schedule.cron, schedule.timezone, fires[-1], step)
        due = [fire for fire in later if fire <= now]
        fires += due
        if len(due) < step:
            break
        step *= 4
    else:
        fires += _latest_fire(schedule, fires[-1], now)
    return fires


def _latest_fire(schedule: Schedule, after: datetime, now: datetime) -> list[datetime]:
    """The last fire that is later than `after` and due, if there is one: looked for in ever longer times before now."""
    minutes = 60
    while True:
        start = max(after, now - timedelta(minutes=minutes))
        fires = next_fires(schedule.cron, schedule.timezone, start, minutes)
        due = [fire for fire in fires if fire <= now]
        if due or start == after:
            return due[-1:]
        minutes *= 2


def fire_after(schedule: Schedule, now: datetime) -> datetime | None:
    """The next fire, None for never."""
    upcoming = next_fires(schedule.cron, schedule.timezone, now, 1)
    return upcoming[0] if upcoming else None


def passed(schedule: Schedule, now: datetime) -> Refusal:
    """Why the fires of a paused app that are due make no run: one reason for all of them. They are not made up."""
    fires = due_fires(schedule, now)
    details = {"status": schedule.app.status, "reason": schedule.app.status_reason}
    details |= {"first": format_instant(fires[0]), "latest": format_instant(fires[-1])}
    outcome = Decision.Outcome.PAUSED.value
    return Refusal(schedule.app_id, schedule.trigger_id, outcome, details=details, repeats=len(fires))


def pass_over(app: App) -> None:
    """Record what passed of a paused app since the last tick, before its schedules are made anew.

    Nothing of an app that is active. Needs the tenant's scope, and the app as it was.
    """
    if app.status == App.Status.ACTIVE:
        return
    now = timezone.now()
    # A tick that is at one of them has it first; then it is not due any more.
    due = Schedule.objects.select_for_update(of=("self",)).filter(app=app, next_fire_at__lte=now)
    record_decisions([passed(schedule, now) for schedule in due.select_related("app")])
