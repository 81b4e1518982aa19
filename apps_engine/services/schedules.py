"""The times of schedules that are due, those that pass while their app is paused, and those of its next version.

A schedule that cannot be read any more is the reason why its own app does not run, and nobody else's (TRG-01, TRG-11).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from django.db import connection

from apps_engine.language.cron import CronError, next_fires
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Trigger
from apps_engine.services.decisions import Refusal, outdated, record_decisions
from apps_engine.store.models import App, Decision, Schedule
from apps_engine.store.schedules import set_next_fires

# A schedule that was not looked at for long has more missed fires than anyone wants listed.
MOST_MISSED = 1000
# What reading a schedule raises, as when its time zone has left the database of zones since it was stored.
UNREADABLE = (CronError, ZoneInfoNotFoundError)
CHANGED = "The schedule was changed or removed before this time could be made up."


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule with its fires that are due, the oldest first, one at least, and the one after now, None for never."""

    schedule: Schedule
    fires: Sequence[datetime]
    upcoming: datetime | None


def database_now() -> datetime:
    """The beginning of the transaction, by the clock that all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
        return now


def read_due(schedules: Iterable[Schedule], now: datetime) -> tuple[list[Due], list[Refusal]]:
    """What is due of each of them, and the reason for each that cannot be read."""
    readable: list[Due] = []
    refusals: list[Refusal] = []
    for schedule in schedules:
        try:
            readable.append(Due(schedule, _due_fires(schedule, now), _fire_after(schedule, now)))
        except UNREADABLE as error:
            refusals.append(outdated(schedule.app_id, schedule.trigger_id, error))
    return readable, refusals


def move_on(schedules: Iterable[Schedule], readable: Iterable[Due]) -> None:
    """Have each wait for its next fire. Who cannot be read has none, until the app is changed or resumed."""
    upcoming = {due.schedule.pk: due.upcoming for due in readable}
    set_next_fires({schedule.pk: upcoming.get(schedule.pk) for schedule in schedules})


def missed(schedule: Schedule, fires: Sequence[datetime], reason: str = "") -> Refusal:
    """Why fires that are due make no run: they are too old, or there is another `reason`."""
    details = {"count": len(fires), "latest": format_instant(fires[-1])}
    details |= {"reason": reason} if reason else {}
    return Refusal(schedule.app_id, schedule.trigger_id, Decision.Outcome.MISSED.value, details=details)


def passed(due: Due) -> Refusal:
    """Why the fires of a paused app that are due make no run: one reason for all of them. They are not made up."""
    schedule, fires = due.schedule, due.fires
    details = {"status": schedule.app.status, "reason": schedule.app.status_reason}
    details |= {"first": format_instant(fires[0]), "latest": format_instant(fires[-1])}
    outcome = Decision.Outcome.PAUSED.value
    return Refusal(schedule.app_id, schedule.trigger_id, outcome, details=details, repeats=len(fires))


def hold_schedules(app_id: int) -> None:
    """Wait for a tick that is at the app's schedules; no other begins with them before the transaction ends."""
    list(Schedule.objects.select_for_update().filter(app_id=app_id).order_by("pk").values_list("pk"))


def pass_over(app: App, kept: Collection[str] = ()) -> None:
    """Record what passed of a paused app since the last tick, and have its schedules wait for what comes.

    Nothing of an app that is active, nor of the triggers that are `kept`: the next tick starts their runs. Needs the
    tenant's scope, and the app held and as it was.
    """
    if app.status == App.Status.ACTIVE:
        return
    now = database_now()
    schedules = Schedule.objects.filter(app=app, next_fire_at__lte=now).exclude(trigger_id__in=kept)
    schedules = schedules.select_related("app")
    readable, refusals = read_due(schedules, now)
    record_decisions([*refusals, *map(passed, readable)])
    move_on(schedules, readable)


def replace_schedules(app: App, triggers: Iterable[Trigger]) -> None:
    """Replace the app's schedules by those of these triggers.

    One that stays as it is keeps its fire: if it is due already, the next tick makes it. What is due of the others is
    told as missed. Needs the tenant's scope, and the app held or new.
    """
    now = database_now()
    old = {schedule.trigger_id: schedule for schedule in Schedule.objects.filter(app=app)}
    new = [_schedule(app, trigger) for trigger in triggers if trigger.cron is not None]
    refusals: list[Refusal] = []
    for schedule in new:
        before = old.get(schedule.trigger_id)
        if before is not None and before.next_fire_at is not None and _is_same(before, schedule):
            schedule.next_fire_at = old.pop(schedule.trigger_id).next_fire_at
            continue
        try:
            schedule.next_fire_at = _fire_after(schedule, now)
        except UNREADABLE as error:
            refusals.append(outdated(app.pk, schedule.trigger_id, error))
    given_up = [gone for gone in old.values() if gone.next_fire_at is not None and gone.next_fire_at <= now]
    readable, unreadable = read_due(given_up, now)
    Schedule.objects.filter(app=app).delete()
    Schedule.objects.bulk_create(new)
    record_decisions([*refusals, *unreadable, *(missed(due.schedule, due.fires, CHANGED) for due in readable)])


def _schedule(app: App, trigger: Trigger) -> Schedule:
    return Schedule(
        app=app,
        trigger_id=trigger.id,
        cron=trigger.cron or "",
        timezone=trigger.timezone,
        catch_up_seconds=trigger.catch_up_seconds,
    )


def _is_same(before: Schedule, after: Schedule) -> bool:
    return (before.cron, before.timezone) == (after.cron, after.timezone)


def _due_fires(schedule: Schedule, now: datetime) -> list[datetime]:
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


def _fire_after(schedule: Schedule, now: datetime) -> datetime | None:
    upcoming = next_fires(schedule.cron, schedule.timezone, now, 1)
    return upcoming[0] if upcoming else None
