"""What an action does beyond its result: events that it sends, state that it sets, tasks that it puts off (ACT-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.jsontext import dumps
from apps_engine.language.kinds import Kind
from apps_engine.language.limits import SUPERPOWER, limit
from apps_engine.language.pointers import join
from apps_engine.language.static_types import UNKNOWN, Type, object_of
from apps_engine.language.validate.carried import ANY_FLOW
from apps_engine.language.validate.pauses import duration_seconds
from apps_engine.language.validate.review import Place, Walk
from apps_engine.language.validate.scope import STATE

Params = Mapping[str, Any]

# Actions that send an app event, and the parameter that names it.
EMITTING = {"emit_event": "event", "emit_events": "event"}
# What an action writes that sets a flow for later.
TASKS = "tasks"
# The parameters of an action that puts a flow off, one of which names it.
FLOW_NAMES = ("flow", "action_id")
# While a task of this key waits, no other of it is set.
TASK_KEY = "key"


def check_effects(spec: ActionSpec, params: Params, data: Type, at: str, walk: Walk, times: int) -> None:
    """Report what the action could not do when it comes to it, and note what it hands to later runs."""
    if STATE in spec.writes:
        _check_state(data, params, at, walk)
    if TASKS in spec.writes:
        _check_task(spec, params, data if "data" in params else object_of({}), at, walk, times)


def remember(spec: ActionSpec, step: Params, place: Place) -> None:
    """Behind a step that surely set keys of the state they are there."""
    params = step.get("params")
    data = params.get("data") if isinstance(params, dict) else None
    certain = "when" not in step and step.get("on_error", "fail") == "fail"
    if STATE in spec.writes and certain and isinstance(data, dict):
        place.scope.remembered |= data.keys()


def _check_state(data: Type, params: Params, at: str, walk: Walk) -> None:
    known = data if data.kind is Kind.OBJECT else Type(Kind.OBJECT)
    walk.review.carrying.remember(known)
    most = limit(SUPERPOWER, "state_bytes") or 0
    if isinstance(params.get("data"), dict) and len(dumps(params["data"]).encode()) > most:
        message = f"An app remembers at most {most:,} bytes."
        walk.review.findings.add(join(at, "data"), "state_too_large", message, "Keep less under each key.")


def _check_task(spec: ActionSpec, params: Params, data: Type, at: str, walk: Walk, times: int) -> None:
    named = [name for name in FLOW_NAMES if name in params]
    if not named:
        message = f"`{spec.name}` needs the parameter `{FLOW_NAMES[0]}`."
        walk.review.findings.add(at, "missing_parameter", message, "Name the flow to run later.")
    for name in named[1:]:
        message = f"`{name}` says the same as `{named[0]}`."
        walk.review.findings.add(join(at, name), "unknown_parameter", message, "Leave one of them out.")
    for name in named:
        _check_flow(params[name], join(at, name), data, walk)
    _check_delay(params.get("delay"), join(at, "delay"), walk)
    most = limit(SUPERPOWER, "pending_tasks") or 0
    if times > most:
        message = f"Up to {times:,} tasks would be set; {most} may wait."
        walk.review.findings.add(at, "limit_reached", message, "Set one task that goes over a list.")


def _check_flow(flow: Any, at: str, data: Type, walk: Walk) -> None:
    flows = walk.review.definition.get("flows")
    if not isinstance(flow, str) or not isinstance(flows, dict):
        return
    # A name that only a run knows may be that of any flow.
    name = ANY_FLOW if "{{" in flow else flow
    if name in (ANY_FLOW, *flows):
        walk.review.carrying.schedule(name, data if data.kind is Kind.OBJECT else UNKNOWN)
    else:
        hint = walk.review.findings.suggest(name, flows) or f"There is: {', '.join(flows)}."
        walk.review.findings.add(at, "unknown_flow", f"There is no flow `{name[:40]}`.", hint)


def _check_delay(delay: Any, at: str, walk: Walk) -> None:
    if isinstance(delay, str) and "{{" in delay:
        return
    seconds = duration_seconds(delay, at, walk.review.findings)
    most = limit(SUPERPOWER, "delay_hours") or 0
    if seconds is not None and seconds > most * 3600:
        hint = "Choose a shorter time, or a scheduled trigger."
        walk.review.findings.add(at, "delay_too_long", f"A task waits for at most {most} hours.", hint)
    elif seconds is not None and seconds < 0:
        walk.review.findings.add(at, "out_of_range", "A task cannot be set for the past.", "Write 0 for at once.")
