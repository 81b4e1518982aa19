"""From a valid canonical definition to the frozen Plan that the runtime executes.

Whatever `validate` accepts compiles. One that was not validated may raise LanguageError, KeyError or TypeError.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.compile_steps import (
    STATE,
    calling_out,
    compile_steps,
    most_attempts,
    optional_condition,
    optional_value,
    remembering,
    retry_policy,
)
from apps_engine.language.durations import parse_duration
from apps_engine.language.limits import bound_limits
from apps_engine.language.plan import PARALLEL, Concurrency, Delay, Flow, Plan, RetryPolicy, Trigger
from apps_engine.language.plan_references import reads
from apps_engine.language.predicates import parse_predicate
from apps_engine.language.templates import compile_value

# Of a schedule or an order from an admin one run at a time is enough; of an event none may be lost (RUN-01).
_DEFAULT_MODES: Mapping[str, str] = {
    "scheduled": "skip",
    "manual": "skip",
    "event": "queue",
    "delayed": "queue",
    "webhook": "queue",
    "keyword": "queue",
    "phrase": "queue",
    "intent": "queue",
}

# How a call from outside is signed where its trigger does not say.
DEFAULT_SCHEME = "standard_webhooks"
_PERMISSIONS = ("emits", "subscribes", "oauth", "domains")


def compile_definition(definition: Mapping[str, Any], catalogue: Catalogue) -> Plan:
    """The plan of a canonical definition that `validate` accepts."""
    settings = definition.get("settings") or {}
    triggers = tuple(_trigger(trigger) for trigger in definition["triggers"])
    flows = {name: _flow(name, flow, catalogue) for name, flow in definition["flows"].items()}
    permissions = definition.get("permissions") or {}
    retry = retry_policy(settings.get("retry")) or RetryPolicy()
    return Plan(
        name=definition["name"],
        profile=definition["profile"],
        flows=flows,
        triggers=triggers,
        inputs=definition.get("inputs") or {},
        limits=bound_limits(definition["profile"]),
        retry=retry,
        max_attempts=max(retry.max_attempts, *(most_attempts(flow.steps) for flow in flows.values())),
        concurrency={trigger.id: _concurrency(settings.get("concurrency"), trigger.type) for trigger in triggers},
        escalation=definition.get("escalation") or {},
        permissions={name: tuple(permissions.get(name) or ()) for name in _PERMISSIONS},
        notify_on_error=settings.get("notify_on_error", True),
        on_quota=settings.get("on_quota", "skip"),
        states=definition.get("states"),
        calls_out=any(calling_out(flow.steps) for flow in flows.values()),
        uses_state=reads((triggers, flows), STATE) or any(remembering(flow.steps) for flow in flows.values()),
    )


def _flow(name: str, flow: Mapping[str, Any], catalogue: Catalogue) -> Flow:
    steps = compile_steps(flow["steps"], catalogue)
    response = flow.get("response")
    return Flow(name, steps, None if response is None else compile_value({"template": "", "ui": [], **response}))


def _trigger(trigger: Mapping[str, Any]) -> Trigger:
    condition = trigger.get("filter")
    return Trigger(
        id=trigger["id"],
        type=trigger["type"],
        flow=trigger["flow"],
        event=trigger.get("event"),
        filter=None if condition is None else parse_predicate(condition),
        cron=trigger.get("cron"),
        timezone=trigger.get("timezone", "UTC"),
        catch_up_seconds=seconds_of(trigger.get("catch_up", "1h")),
        params=_trigger_params(trigger),
    )


def _trigger_params(trigger: Mapping[str, Any]) -> dict[str, Any]:
    params = {key: trigger[key] for key in ("phrases", "match", "endpoint") if key in trigger}
    if trigger["type"] == "webhook":
        params["verify"] = trigger.get("verify", DEFAULT_SCHEME)
    if trigger["type"] == "delayed":
        params["sequence"] = tuple(_delay(entry, trigger["flow"]) for entry in trigger["sequence"])
        params["exit_when"] = optional_condition(trigger.get("exit_when"))
    return params


def _delay(entry: Mapping[str, Any], flow: str) -> Delay:
    return Delay(seconds_of(entry["delay"]), entry.get("flow", flow), optional_condition(entry.get("when")))


def _concurrency(declared: Mapping[str, Any] | None, trigger_type: str) -> Concurrency:
    declared = declared or {}
    mode = declared.get("mode", _DEFAULT_MODES[trigger_type])
    most = declared.get("max") if mode == PARALLEL else 1
    return Concurrency(mode=mode, key=optional_value(declared.get("key")), max_parallel=most)


def seconds_of(duration: str | int) -> int:
    """The seconds of a duration, whether written as `2h` or as a number of seconds."""
    return int(parse_duration(duration).total_seconds()) if isinstance(duration, str) else int(Decimal(duration))
