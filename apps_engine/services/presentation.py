"""The one JSON shape of apps and runs, for REST, MCP, the shell and the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from apps_engine.language.cron import next_fires
from apps_engine.language.instants import format_instant
from apps_engine.language.report import report
from apps_engine.services.apps import current_version, definition_of
from apps_engine.services.backlog import backlog_of
from apps_engine.services.deprecations import stored_catalogue
from apps_engine.services.quotas import Use
from apps_engine.services.verdicts import Heard
from apps_engine.services.waits import waits_until
from apps_engine.services.webhooks import address_as_dict
from apps_engine.services.withheld import (
    decision_without_contents,
    effect_without_contents,
    may_see_contents,
    run_without_contents,
    why_withheld,
)
from apps_engine.store.models import App, AppVersion, Decision, Effect, EventInbox, Execution, StepResult
from decommerce.community.models import OutboundMessage
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import Principal

FIRES_SHOWN = 3


def app_as_dict(app: App) -> dict[str, Any]:
    """An app in a list."""
    return {
        "id": app.pk,
        "name": app.name,
        "description": app.description,
        "icon": app.icon,
        "status": app.status,
        "status_reason": app.status_reason,
        "backlog": backlog_of(app),
        "version": app.version_number,
        "runs": app.runs,
        "errors": app.errors,
        "consecutive_errors": app.consecutive_errors,
        "offered_as_tool": app.offered_as_tool,
        "last_run_at": instant(app.last_run_at),
        "created_by": app.created_by,
        "updated_by": app.updated_by,
        "created_at": instant(app.created_at),
        "updated_at": instant(app.updated_at),
    }


def app_in_full(app: App) -> dict[str, Any]:
    """An app with its definition, what it does in plain words, and when it fires next."""
    definition = definition_of(current_version(app))
    told = report(definition, stored_catalogue())
    fires = [
        format_instant(fire)
        for schedule in app.schedules.all()
        if schedule.next_fire_at is not None and app.status == App.Status.ACTIVE
        for fire in [
            schedule.next_fire_at,
            *next_fires(schedule.cron, schedule.timezone, schedule.next_fire_at, FIRES_SHOWN - 1),
        ]
    ]
    return {
        **app_as_dict(app),
        "definition": definition,
        "sentences": told.sentences(),
        "report": told.as_dict(),
        "next_runs": sorted(fires)[:FIRES_SHOWN],
        "webhooks": [address_as_dict(address) for address in app.webhooks.order_by("pk")],
    }


def version_as_dict(version: AppVersion) -> dict[str, Any]:
    """A version with who made it and when."""
    return {"number": version.number, "created_by": version.created_by, "created_at": instant(version.created_at)}


def run_as_dict(execution: Execution, principal: Principal, *, steps: bool = True) -> dict[str, Any]:
    """A run; with `steps`, what each step saw and did. To some nothing of what it read and made (`why_withheld`)."""
    body: dict[str, Any] = {
        "id": execution.pk,
        "app": {"id": execution.app_id, "name": execution.app.name},
        "version": execution.version.number,
        "state": execution.state,
        "flow": execution.flow,
        "trigger": {"type": execution.trigger_type, "id": execution.trigger_id, "data": execution.trigger},
        "inputs": execution.inputs,
        "requested_by": execution.requested_by,
        "attempt": execution.attempt,
        "items": execution.items,
        "progress": execution.progress,
        "result": execution.result,
        "error": execution.error,
        "usage": execution.usage,
        "run_at": instant(execution.run_at),
        "waits_until": instant(waits_until(execution)),
        "created_at": instant(execution.created_at),
        "started_at": instant(execution.started_at),
        "finished_at": instant(execution.finished_at),
    }
    if steps:
        body["steps"] = [step_as_dict(step) for step in sorted(execution.steps.all(), key=lambda step: step.pk)]
    why = why_withheld(principal, execution)
    return run_without_contents(body, why) if why else body


def step_as_dict(step: StepResult) -> dict[str, Any]:
    """One line of the journal."""
    return {
        "path": step.path,
        "kind": step.kind,
        "status": step.status,
        "input": step.input,
        "output": step.output,
        "error": step.error,
        "items": step.items,
        "attempt": step.attempt,
        "started_at": instant(step.started_at),
        "duration_ms": step.duration_ms,
    }


def decision_as_dict(decision: Decision, principal: Principal) -> dict[str, Any]:
    """Why a trigger made no run; the value that decided it for those who may read the community's data."""
    body = {
        "trigger": decision.trigger_id,
        "outcome": decision.outcome,
        "event": decision.event_id,
        "details": decision.details,
        "repeats": decision.repeats,
        "first_at": instant(decision.first_at),
        "last_at": instant(decision.last_at),
    }
    return body if may_see_contents(principal) else decision_without_contents(body)


def event_as_dict(event: EventInbox, runs: Sequence[Execution]) -> dict[str, Any]:
    """An event in a list, with the runs that it started."""
    return {
        "number": event.pk,
        "id": event.event_id,
        "source": event.source,
        "type": event.type,
        "time": instant(event.time),
        "received_at": instant(event.received_at),
        "chain": event.chain,
        "runs": [{"id": run.pk, "app": {"id": run.app_id, "name": run.app.name}, "state": run.state} for run in runs],
    }


def heard_as_dict(heard: Heard) -> dict[str, Any]:
    """What became of an event for one app."""
    return {"app": {"id": heard.app.pk, "name": heard.app.name, "status": heard.app.status}, **heard.verdict}


def audit_as_dict(entry: AuditEntry) -> dict[str, Any]:
    """One deed: who did what to what."""
    return {
        "number": entry.pk,
        "at": instant(entry.at),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "label": entry.actor_label},
        "verb": entry.verb,
        "target": entry.target,
        "details": entry.details,
    }


def effect_as_dict(effect: Effect, principal: Principal) -> dict[str, Any]:
    """A call to the outside, or a `once_per` key, without what was asked; the answer for those with `data:read`."""
    body = {
        "id": effect.pk,
        "path": effect.path,
        "action": effect.action,
        "state": effect.state,
        "key": effect.idem_key,
        **asdict(sent_as(effect)),
        "response": effect.response,
        "error": effect.error,
        "created_at": instant(effect.created_at),
        "updated_at": instant(effect.updated_at),
    }
    why = why_withheld(principal, effect.execution)
    return effect_without_contents(body, why) if why else body


@dataclass(frozen=True, slots=True)
class SentAs:
    """By what the other side knows a call: the message's name on the wire, and the host it went to; '' for none."""

    message_id: str
    host: str


def sent_as(effect: Effect) -> SentAs:
    """How a call was sent; nothing of the address but its host, since the rest may hold a secret."""
    body = (effect.request or {}).get("body", {})
    return SentAs(body.get("message_id", ""), urlsplit(body.get("url", "")).hostname or "")


def message_as_dict(message: OutboundMessage) -> dict[str, Any]:
    """A message and what became of it, without its text; `reason` says why it has not arrived."""
    return {
        "id": message.pk,
        "channel": message.channel,
        "state": message.state,
        "reason": message.last_error,
        "to": message.to_address,
        "subject": message.subject,
        "topic": message.topic,
        "message_id": message.message_id,
        "member": message.member_id,
        "app": message.app_id,
        "run": message.execution_id,
        "attempts": message.attempts,
        "created_at": instant(message.created_at),
        "run_at": instant(message.run_at),
        "sent_at": instant(message.sent_at),
    }


def use_as_dict(use: Use) -> dict[str, Any]:
    """How a quota stands."""
    standing = use.standing
    return {
        "name": use.name,
        "what": use.quota.what,
        "per": use.quota.unit,
        "used": standing.used,
        "allowed": standing.allowed,
        "percent": use.percent,
        "overridden": standing.overridden,
        "resets_at": instant(standing.ends_at),
    }


def instant(value: datetime | None) -> str | None:
    """An instant as text, or None."""
    return None if value is None else format_instant(value)
