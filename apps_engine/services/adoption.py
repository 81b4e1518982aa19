"""What becomes of runs that wait as their app is resumed.

Those that never began are made those of the newest version (APP-06): what failed before them was corrected. Those of a
replay begin at its rate, as they would have (RUN-13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, When
from django.utils import timezone

from apps_engine.services.enqueue import BACKLOG, lane_of, places_of
from apps_engine.services.plans import plan_of
from apps_engine.services.tasks import TASK
from apps_engine.store.models import App, AppVersion, Effect, Execution, StepResult

# A batch that holds such a run began with the other version: it finds that the run is not its own, and is undone. What
# no batch has had stays such as one may take.
_OUT_OF_ITS_BATCH = Case(When(fence=0, then=0), default=F("fence") + 1)


def adopt(app: App, version: AppVersion) -> None:
    """Have the queued runs of the app that never began take the version, where it starts them as their own did.

    A run keeps its place in the line; how many of its key may be at work at once is what the version says. For an app
    that is not active: nobody begins one meanwhile. Needs the tenant's scope, and the app held.
    """
    waiting = never_began(app).exclude(version=version)
    own = AppVersion.objects.filter(pk__in=set(waiting.values_list("version_id", flat=True)))
    alike = Q(pk__in=())
    for older in own.defer("source"):
        alike |= Q(version=older, trigger_id__in=list(_alike(older.definition, version.definition)))
    if alike:
        plan = plan_of(version.pk)
        taken = {
            "version": version,
            "max_attempts": plan.max_attempts,
            "lane": lane_of(plan),
            "fence": _OUT_OF_ITS_BATCH,
        }
        for trigger, concurrency in plan.concurrency.items():
            waiting.filter(alike, trigger_id=trigger).update(**taken, **places_of(concurrency))


def keep_pace(app: App) -> None:
    """Put off the replayed runs of the app together, so that the first is due now and they are as far apart as ever.

    Their rate is in their times alone: while the app was paused all of them came due. A task that a replayed run has
    set has a time of its own, and keeps it. Needs the tenant's scope.
    """
    replayed = Execution.objects.filter(app=app, state=Execution.State.QUEUED, priority=BACKLOG).exclude(
        trigger_key__startswith=f"{TASK}:", started_at=None
    )
    now = timezone.now()
    first = replayed.aggregate(first=Min("run_at"))["first"]
    if first is not None and first < now:
        replayed.update(run_at=F("run_at") + (now - first))


def never_began(app: App) -> QuerySet[Execution]:
    """The queued runs of which no attempt was made and nothing is done. Needs the tenant's scope.

    So are those that fell out of a batch, whoever claimed them for it, also where that worker was killed.
    """
    queued = Execution.objects.filter(app=app, state=Execution.State.QUEUED, attempt=0)
    done = StepResult.objects.filter(execution=OuterRef("pk"))
    called = Effect.objects.filter(execution=OuterRef("pk"))
    return queued.filter(~Exists(done), ~Exists(called))


def _alike(older: Mapping[str, Any], newer: Mapping[str, Any]) -> Iterator[str]:
    """The triggers that start the same flow in both, with the same data and inputs and behind the same keys."""
    if older.get("inputs") == newer.get("inputs") and _key(older) == _key(newer):
        now = dict(_starts(newer))
        yield from (name for name, start in _starts(older) if now.get(name) == start)


def _key(definition: Mapping[str, Any]) -> Any:
    return definition.get("settings", {}).get("concurrency", {}).get("key")


def _starts(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for trigger in definition["triggers"]:
        flows = [trigger.get("flow"), *(delay.get("flow") for delay in trigger.get("sequence", ()))]
        yield trigger["id"], (trigger["type"], trigger.get("event"), flows)
