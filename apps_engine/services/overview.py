"""What the apps of a community have been doing, day by day, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps_engine.services.apps import LIVING
from apps_engine.store.models import App, Effect, Execution, Schedule
from apps_engine.store.overview import DayCount, GivenUp, runs_by_day, runs_given_up
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal

DAYS = 14
FIRES_SHOWN = 5
MOST_WAITING = 10
WAITING = (Execution.State.QUEUED, Execution.State.RUNNING, Execution.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the tenant's calendar. `median` is how long half of its runs took at most, in seconds."""

    day: date
    runs: int = 0
    failed: int = 0
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """The last days, oldest first: of all apps together, and of each by its number."""

    days: Sequence[Day]
    by_app: Mapping[int, Sequence[Day]]

    @property
    def today(self) -> Day:
        """The day that it is."""
        return self.days[-1]


@dataclass(frozen=True, slots=True)
class Attention:
    """What somebody should look at: apps that were stopped by the platform, dead runs of the last days that nobody took
    up again, calls of which nobody knows, due runs."""

    stopped: Sequence[App]
    given_up: Sequence[GivenUp]
    doubts: Sequence[Effect]
    under_way: int


def activity(principal: Principal, *, app_id: int | None = None, days: int = DAYS) -> Activity:
    """The runs of the last days of the tenant's calendar: of one app or of all that are not deleted."""
    principal.require("apps:read")
    zone = Tenant.objects.get(pk=principal.tenant_id).timezone
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    ids = [app_id] if app_id is not None else list(App.objects.filter(status__in=LIVING).values_list("pk", flat=True))
    rows = runs_by_day(ids, datetime.combine(dates[0], time.min, ZoneInfo(zone)), zone)
    return Activity(_filled(dates, rows, None), {number: _filled(dates, rows, number) for number in ids})


def attention(principal: Principal, *, most: int = MOST_WAITING) -> Attention:
    """What waits for somebody in the whole community, at most so many of each."""
    principal.require("apps:read")
    doubts = Effect.objects.filter(state=Effect.State.UNKNOWN, execution__isnull=False).select_related("execution__app")
    return Attention(
        list(App.objects.filter(status=App.Status.ERROR).order_by("name")[:most]),
        runs_given_up(LIVING, timezone.now() - timedelta(days=DAYS), most),
        list(doubts.order_by("-pk")[:most]),
        Execution.objects.filter(state__in=WAITING, app__status__in=LIVING).count(),
    )


def next_fires(principal: Principal) -> list[Schedule]:
    """The schedules that fire next, each with its app."""
    principal.require("apps:read")
    due = Schedule.objects.filter(next_fire_at__isnull=False, app__status=App.Status.ACTIVE)
    return list(due.select_related("app").order_by("next_fire_at")[:FIRES_SHOWN])


def _filled(dates: Sequence[date], rows: Sequence[DayCount], app_id: int | None) -> list[Day]:
    found = {row.day: Day(row.day, row.runs, row.failed, row.median) for row in rows if row.app_id == app_id}
    return [found.get(day, Day(day)) for day in dates]
