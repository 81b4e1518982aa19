"""Why an app did not run (TRG-11): the reasons that were written down, and what became of one event for one app.

An event is judged by what was true when it arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Plan, Trigger
from apps_engine.services import webhook_addresses
from apps_engine.services.apps import get_app
from apps_engine.services.decisions import (
    chain_refusal,
    event_scope,
    failed_clause,
    filter_failure,
    outdated,
    quota_met,
)
from apps_engine.services.events import find_event, get_event, runs_started_by
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.services.triggers import event_type, queues
from apps_engine.services.waits import wait_of
from apps_engine.services.withheld import decision_without_contents, may_see_contents
from apps_engine.store.models import App, AppVersion, Decision, EventInbox, Execution, Subscription
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import Principal

Verdict = dict[str, Any]
STOPPING = ("app.paused", "app.auto_paused")
STARTING = "app.resumed"
# A reason is written by the database's clock, and an event arrives by ours.
AT_ONCE = timedelta(seconds=5)
# The one reason that is met only when a delay is over.
LATER = Decision.Outcome.NO_LONGER_WANTED


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an event for one app that listens to it, or that it started."""

    app: App
    verdict: Verdict


def list_decisions(
    principal: Principal, app_id: int | str, *, limit: int = 20, before: tuple[datetime, int] | None = None
) -> list[Decision]:
    """The latest reasons why the app did not run, newest first; those behind the one of this `last_at` and number."""
    decisions = Decision.objects.filter(app=get_app(principal, app_id))
    if before is not None:
        last_at, number = before
        decisions = decisions.filter(Q(last_at__lt=last_at) | Q(last_at=last_at, pk__lt=number))
    return list(decisions.order_by("-last_at", "-pk")[:limit])


def why_not(principal: Principal, app_id: int | str, event_id: str) -> Verdict:
    """What became of one event for one app: the runs it made, or the reason it made none. Raises EventNotFound."""
    app = get_app(principal, app_id)
    event = find_event(event_id)
    started = [run for run in runs_started_by([event]).get(event.pk, []) if run.app_id == app.pk]
    verdict = _verdict(app, event, started)
    return verdict if may_see_contents(principal) else decision_without_contents(verdict)


def listeners_of(principal: Principal, number: int, also: int | None = None) -> list[Heard]:
    """Every app that listens to the type of an event or that it started, each with what became of it there.

    And the app of the number `also`, whether it listens or not. Raises EventNotFound and AppNotFound.
    """
    event = get_event(principal, number)
    runs: dict[int, list[Execution]] = {}
    apps: dict[int, App] = {}
    for run in runs_started_by([event]).get(event.pk, []):
        apps[run.app_id] = run.app
        runs.setdefault(run.app_id, []).append(run)
    for subscription in Subscription.objects.filter(event=event.type).select_related("app"):
        apps.setdefault(subscription.app_id, subscription.app)
    called = webhook_addresses.called_app(event.source)
    if called is not None:
        apps.setdefault(called.pk, called)
    # Of an app that is paused there is no subscription.
    for app in App.objects.filter(status__in=(App.Status.PAUSED, App.Status.ERROR)).exclude(pk__in=apps):
        if _listens(app, event):
            apps[app.pk] = app
    if also is not None and also not in apps:
        apps[also] = get_app(principal, also)
    return [Heard(app, _verdict(app, event, runs.get(app.pk, []))) for _, app in sorted(apps.items())]


def _verdict(app: App, event: EventInbox, started: Sequence[Execution]) -> Verdict:
    if started:
        return _of_runs(started)
    version = _version_at(app, event.received_at)
    if version is None:
        return {"outcome": "made_later", "made_at": format_instant(app.created_at)}
    pause = _pause_at(app, event.received_at)
    try:
        plan = plan_of(version.pk)
    except OUTDATED as error:
        return pause or {"outcome": "invalid", **outdated(app.pk, "", error).details}
    if pause is not None and not _waits(pause, app, plan, event):
        return pause
    return _judged(app, plan, event)


def _of_runs(started: Sequence[Execution]) -> Verdict:
    """What the event's runs came to: it ran once one of them began; until then they wait, or none of them will."""
    first = started[0]
    told: Verdict = {"run": first.pk, "state": first.state, "runs": list(map(_run, started))}
    if any(map(_began, started)):
        return {"outcome": "ran", **told}
    waiting = [run for run in told["runs"] if run["state"] == Execution.State.QUEUED]
    if waiting:
        return {"outcome": "waiting", **told, **{name: waiting[0][name] for name in ("waits_for", "until", "message")}}
    if any(run.state != Execution.State.SKIPPED for run in started):
        return {"outcome": "cancelled", **told}
    return {"outcome": LATER.value, **told, "trigger": first.trigger_id, "message": told["runs"][0].get("message", "")}


def _began(run: Execution) -> bool:
    """Whether it did anything; one that is skipped when its time has come did not."""
    if run.state in (Execution.State.QUEUED, Execution.State.CANCELLED):
        return run.started_at is not None
    return run.state != Execution.State.SKIPPED


def _run(run: Execution) -> Verdict:
    """One of the runs that an event started: what it waits for, or why it was skipped or a quota stopped it."""
    wait = wait_of(run)
    if wait is not None:
        until = format_instant(wait.until) if wait.until else None
        return {"run": run.pk, "state": run.state, "waits_for": wait.on, "until": until, "message": wait.message}
    told = run.error and (run.state == Execution.State.SKIPPED or quota_met(run))
    return {"run": run.pk, "state": run.state, **({"message": run.error["message"]} if told else {})}


def _waits(pause: Verdict, app: App, plan: Plan, event: EventInbox) -> bool:
    """Whether the app heard the event all the same: a pause for failures leaves it the triggers whose runs queue."""
    return pause["status"] == App.Status.ERROR and any(
        queues(trigger, plan) for trigger in _listening(app, plan, event)
    )


def _version_at(app: App, when: datetime) -> AppVersion | None:
    """The version that an event of then met."""
    versions = AppVersion.objects.defer("definition", "source").filter(app=app, created_at__lte=when)
    return versions.order_by("-number").first()


def _pause_at(app: App, when: datetime) -> Verdict | None:
    """Why the app was not active then, None where it was; the audit log knows."""
    changes = AuditEntry.objects.filter(target=f"app:{app.pk}", verb__in=(*STOPPING, STARTING)).order_by("pk")
    before = changes.filter(at__lte=when).last()
    if before is not None:
        if before.verb == STARTING:
            return None
        status = App.Status.PAUSED if before.verb == STOPPING[0] else App.Status.ERROR
        reason = before.details.get("reason", "")
        return {"outcome": "paused", "status": status, "reason": reason, "since": format_instant(before.at)}
    after = changes.filter(at__gt=when).first()
    was_paused = after.verb == STARTING if after is not None else app.status != App.Status.ACTIVE
    return {"outcome": "paused", "status": app.status, "reason": app.status_reason} if was_paused else None


def _judged(app: App, plan: Plan, event: EventInbox) -> Verdict:
    listening = _listening(app, plan, event)
    if not listening:
        events = sorted({trigger.event for trigger in plan.triggers if trigger.event})
        return {"outcome": "not_listening", "event": event.type, "listens_to": events}
    refusal = chain_refusal(app.pk, plan, event)
    if refusal is not None:
        return {"outcome": "chain", **refusal}
    verdicts = [_of_trigger(app, trigger, event) for trigger in listening]
    # Of several triggers the one that came furthest says most.
    return next((verdict for verdict in verdicts if verdict["outcome"] != "filtered"), verdicts[0])


def _of_trigger(app: App, trigger: Trigger, event: EventInbox) -> Verdict:
    try:
        failure = filter_failure(trigger.filter, event_scope(event), event.received_at)
    except LanguageError as error:
        return {"outcome": "invalid", "trigger": trigger.id, "code": error.code, "message": error.message}
    if failure is not None:
        return {"outcome": "filtered", "trigger": trigger.id, "clause": failed_clause(failure)}
    return _recorded(app, trigger, event) or {
        "outcome": "would_match",
        "trigger": trigger.id,
        "hint": "The app matches the event. It began to listen after it, or its run is older than runs are kept.",
    }


def _recorded(app: App, trigger: Trigger, event: EventInbox) -> Verdict | None:
    """What was written down when the event matched and still made no run.

    Repeats share one row an hour, which names the latest. Another's row is about this event only where no other reason
    was met at that time, and a run of its would still be here.
    """
    at_its_arrival = Q(first_at__lte=event.received_at + AT_ONCE, last_at__gte=event.received_at - AT_ONCE)
    when_it_was_due = Q(outcome=LATER, event_id=event.event_id, last_at__gte=event.received_at)
    rows = Decision.objects.filter(at_its_arrival & ~Q(outcome=LATER) | when_it_was_due)
    decisions = list(rows.filter(app=app, trigger_id=trigger.id).exclude(outcome=Decision.Outcome.FILTERED))
    if not decisions:
        return None
    chosen = next((row for row in decisions if _names(row, event)), None)
    kept = _would_be_here(event)
    if chosen is None and (len(decisions) > 1 or not kept):
        return _one_of(trigger, sorted({row.outcome for row in decisions}), kept)
    told = chosen or decisions[0]
    details: Mapping[str, Any] = told.details
    return {"outcome": told.outcome, "trigger": told.trigger_id, **details}


def _names(decision: Decision, event: EventInbox) -> bool:
    """Whether the row is about this event, and no other source's of the same id."""
    is_then = decision.outcome == LATER or abs(decision.last_at - event.received_at) <= AT_ONCE
    return decision.event_id == event.event_id and is_then


def _would_be_here(event: EventInbox) -> bool:
    """Whether a run that the event made would still be kept."""
    shortest = min((rule.days for rule in Execution.retention if rule.days), default=None)
    return shortest is None or timezone.now() - event.received_at < timedelta(days=shortest)


def _one_of(trigger: Trigger, reasons: Sequence[str], kept: bool) -> Verdict:
    listed = ", ".join(reasons)
    if kept:
        hint = f"It was one of these, which others of that hour met as well: {listed}."
    else:
        hint = f"It is not known any more: it met one of these ({listed}), or its run is older than runs are kept."
    return {"outcome": "not_known", "trigger": trigger.id, "reasons": list(reasons), "hint": hint}


def _listens(app: App, event: EventInbox) -> bool:
    version = _version_at(app, event.received_at)
    try:
        return version is not None and bool(_listening(app, plan_of(version.pk), event))
    except OUTDATED:
        return False


def _listening(app: App, plan: Plan, event: EventInbox) -> list[Trigger]:
    if event.type == webhook_addresses.EVENT_TYPE:
        called = webhook_addresses.called_trigger(app, event.source)
        return [trigger for trigger in plan.triggers if trigger.id == called]
    return [trigger for trigger in plan.triggers if trigger.event and event_type(trigger) == event.type]
