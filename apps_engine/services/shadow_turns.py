"""The turns in which drafts are rehearsed beside live versions: what arrived since the last one (RUN-15).

Never in the way of what arrives: beat asks for a turn, one process takes it, and each draft has a few seconds in it.
What a turn counted and how far it came is one commit, so nothing is counted twice.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from apps_engine.language.compile import compile_definition
from apps_engine.language.cron import next_fires
from apps_engine.language.instants import format_instant
from apps_engine.registry import registry
from apps_engine.runtime.errors import DeadlineReached
from apps_engine.services.backtests import FAILED, rehearse_start
from apps_engine.services.dry_run import Subject, place_to_rehearse
from apps_engine.services.enqueue import Start
from apps_engine.services.errors import TooManyRehearsals
from apps_engine.services.firings import starts_on
from apps_engine.services.notices import tell_admins
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.services.shadows import kinds_of
from apps_engine.store.models import App, AppVersion, Shadow
from apps_engine.store.recorded import arrived_after, newest_number
from decommerce.tenancy.alone import SCHEDULER, alone
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal, system_principal

logger = logging.getLogger(__name__)
TURN_SECONDS, SECONDS_A_DRAFT, SECONDS_A_RUN = 40.0, 3.0, 3
# A rehearsal has less time than a run: one that had too little says nothing about its version.
CUT_SHORT = "cut_short"
MOST_EVENTS = 100
# A number is given before its row can be seen: what is younger than this may still come between.
SETTLED = timedelta(seconds=30)
# So far behind, what nobody came to is passed over.
MOST_BEHIND = timedelta(minutes=30)
MOST_FIRES = 100
# Of so many rehearsals, so much larger a share that fails ends it.
ENOUGH, WORSE = 20, 0.25


def take_turns() -> None:
    """A turn for each draft that is beside a live version, as far as there is time. One process at a time."""
    ends = time.monotonic() + TURN_SECONDS
    with alone("shadows") as free:
        for tenant_id in _tenants() if free else ():
            if time.monotonic() >= ends:
                break
            try:
                _of_tenant(tenant_id)
            except Exception:
                if not connection.is_usable():
                    raise
                logger.exception("the drafts of tenant %s had no turn; the next one tries again", tenant_id)


def _tenants() -> list[int]:
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM engine_shadow WHERE ended_at IS NULL")
        found = [row[0] for row in cursor.fetchall()]
    # In another order each time: where there is no time for all, nobody is always the last.
    return random.sample(found, len(found))


def _of_tenant(tenant_id: int) -> None:
    with tenant_scope(tenant_id):
        numbers = list(Shadow.objects.filter(ended_at=None).values_list("pk", flat=True))
    for number in numbers:
        with tenant_scope(tenant_id):
            under_way = Shadow.objects.select_for_update(skip_locked=True, of=("self",)).filter(ended_at=None)
            shadow = under_way.select_related("app").filter(pk=number).first()
            if shadow is not None:
                _turn(shadow)


def _turn(shadow: Shadow) -> None:
    now = timezone.now()
    sides, reason = _sides(shadow)
    if sides is not None:
        try:
            with place_to_rehearse():
                _look(shadow, sides, now)
        except TooManyRehearsals:
            return
        reason = _is_worse(shadow) or ("Its time was over." if now >= shadow.ends_at else "")
    if reason:
        shadow.ended_at, shadow.end_reason = now, reason
        body = f"{reason} The app's page says how the draft compares with version {shadow.version_number}."
        tell_admins(shadow.app, f"The draft beside “{shadow.app.name}” has ended", body, key=f"shadow:{shadow.pk}")
    shadow.save()


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both versions, as they are rehearsed."""

    principal: Principal
    live: Subject
    draft: Subject

    def each(self, shadow: Shadow) -> Iterable[tuple[Subject, dict[str, Any]]]:
        """Each with what it came to."""
        return ((self.live, shadow.live), (self.draft, shadow.draft))


def _sides(shadow: Shadow) -> tuple[_Sides | None, str]:
    """Both, or why there is nothing to compare any more."""
    app = shadow.app
    if app.status == App.Status.DELETED:
        return None, "The app was deleted."
    if app.version_number != shadow.version_number:
        return None, f"The app has version {app.version_number} now, which the draft was not compared with."
    version = AppVersion.objects.defer("definition", "source").get(app=app, number=app.version_number)
    written = AppVersion(pk=0, tenant_id=app.tenant_id, app=app, number=0, author_id=shadow.author_id)
    try:
        live = Subject(app, version, plan_of(version.pk))
        draft = Subject(app, written, compile_definition(shadow.definition, registry.catalogue))
    except OUTDATED as error:
        return None, f"One of the two cannot be run here any more ({error})."[:300]
    principal = system_principal(app.tenant_id, "shadow")
    return _Sides(principal, live.within(SECONDS_A_RUN), draft.within(SECONDS_A_RUN)), ""


def _look(shadow: Shadow, sides: _Sides, now: datetime) -> None:
    """Rehearse what arrived and what the clocks said since the last turn, as far as there is time."""
    ends = time.monotonic() + SECONDS_A_DRAFT
    for subject, side in sides.each(shadow):
        _fire(sides.principal, subject, side, shadow.looked_at, now)
    shadow.looked_at = now
    kinds = kinds_of(sides.live.plan, sides.draft.plan)
    waiting = arrived_after(kinds, shadow.position, now - SETTLED, MOST_EVENTS + 1)
    for event in waiting[:MOST_EVENTS]:
        if time.monotonic() >= ends:
            break
        for subject, side in sides.each(shadow):
            starts = starts_on(subject.app, subject.plan, event)
            side["started"] += bool(starts)
            for start in starts:
                _count(side, sides.principal, subject, start)
        shadow.events += 1
        shadow.position = event.pk
    left = next((event for event in waiting if event.pk > shadow.position), None)
    if left is not None and left.received_at < now - MOST_BEHIND:
        shadow.position = newest_number(kinds, now - SETTLED)
        shadow.left_out = True


def _fire(principal: Principal, subject: Subject, side: dict[str, Any], since: datetime, now: datetime) -> None:
    """The times of its schedules since then: all are counted, the last is rehearsed."""
    for trigger in subject.plan.triggers:
        if trigger.cron is None:
            continue
        fires = [fire for fire in next_fires(trigger.cron, trigger.timezone, since, MOST_FIRES) if fire <= now]
        side["started"] += len(fires)
        for fire in fires[-1:]:
            _count(side, principal, subject, Start(trigger, "", fire, {"scheduled_for": format_instant(fire)}))


def _count(side: dict[str, Any], principal: Principal, subject: Subject, start: Start) -> None:
    tried, outcome = rehearse_start(principal, subject, start)
    side["rehearsed"] += 1
    fault = outcome.fault if outcome.status == FAILED else None
    cut_short = fault is not None and fault["code"] == DeadlineReached.code
    _add(side["states"], {CUT_SHORT if cut_short else outcome.status: 1})
    _add(side["counts"], tried.counts)
    if fault is not None and not cut_short:
        _add(side["failures"], {fault["code"]: 1})


def _add(counted: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        counted[name] = counted.get(name, 0) + count


def _is_worse(shadow: Shadow) -> str:
    """Why a draft is not looked at any longer: it fails much more often than the live version."""
    if shadow.draft["rehearsed"] < ENOUGH or _share(shadow.draft) < _share(shadow.live) + WORSE:
        return ""
    failed = shadow.draft["states"].get(FAILED, 0)
    return f"It failed in {failed} of {shadow.draft['rehearsed']} rehearsals, much more often than the live version."


def _share(side: Mapping[str, Any]) -> float:
    failed: int = side["states"].get(FAILED, 0)
    return failed / side["rehearsed"] if side["rehearsed"] else 0.0
