"""What a run that is queued waits for, and until when where that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from apps_engine.services.decisions import quota_met
from apps_engine.services.enqueue import DELAYED
from apps_engine.services.quotas import SECONDS
from apps_engine.services.tasks import TASK
from apps_engine.store.models import App, Execution

# How the trigger key of a replay's copy begins, whose time is that of its rate.
REPLAYED = "replay:"


@dataclass(frozen=True, slots=True)
class Wait:
    """`until` is None where nobody knows; of a run whose app is paused it may be set for later besides."""

    on: Literal["app", "quota", "time", "turn", "worker"]
    until: datetime | None
    message: str


def wait_of(run: Execution) -> Wait | None:
    """What it waits for; None for a run that is at work or over. It should come with its app."""
    if run.state != Execution.State.QUEUED:
        return None
    return held_by(run) or _in_line(run) or Wait("worker", None, "It waits for a worker.")


def next_set(app: App) -> datetime | None:
    """When the first run of the app that is set for later is due. Needs the tenant's scope."""
    later = Execution.objects.filter(app=app, state=Execution.State.QUEUED, run_at__gt=timezone.now())
    return later.order_by("run_at").values_list("run_at", flat=True).first()


def held_by(run: Execution) -> Wait | None:
    """What keeps a queued run from being taken up now, be there a worker or not. It asks the database nothing."""
    if run.state != Execution.State.QUEUED:
        return None
    until = run.run_at if run.run_at > timezone.now() else None
    if run.app.status in (App.Status.PAUSED, App.Status.ERROR):
        later = f", and is set for {_told(until)}" if until else ""
        return Wait("app", until, f"It waits until its app, which is paused, is resumed{later}.")
    if until is None:
        return None
    if quota_met(run):
        return Wait("quota", until, run.error["message"])
    if waits_for_quota(run):
        return Wait("quota", until, f"The quota of runs was used up: it has room for this one at {_told(until)}.")
    begun = "It goes on at" if run.started_at else "It is set for"
    return Wait("time", until, f"{begun} {_told(until)}.")


def waits_until(run: Execution) -> datetime | None:
    """For when a run that has not begun is set: a delay of a sequence, or a task; None for any other."""
    later = run.state == Execution.State.QUEUED and run.started_at is None
    return run.run_at if later and run.run_at > timezone.now() else None


def waits_for_quota(run: Execution) -> bool:
    """Whether it was put off to a full hour, the quota having no room: what `store.put_off` lets go when it has."""
    until = waits_until(run)
    if until is None or run.trigger_type in (DELAYED, TASK) or run.trigger_key.startswith(REPLAYED):
        return False
    return until.timestamp() % SECONDS["hour"] == 0


def _in_line(run: Execution) -> Wait | None:
    if not run.exclusive:
        return None
    same = Execution.objects.filter(app_id=run.app_id, concurrency_key=run.concurrency_key, exclusive=True)
    at_work = list(same.filter(state=Execution.State.RUNNING).order_by("pk").values_list("pk", flat=True)[: run.slots])
    if len(at_work) < run.slots:
        return None
    return Wait("turn", None, f"It waits for its turn: run {at_work[0]} is at work.")


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
