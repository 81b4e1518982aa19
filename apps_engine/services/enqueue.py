"""Turning a trigger into an execution: at most one per trigger key, whatever calls twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from apps_engine.language.inputs import input_defaults
from apps_engine.language.plan import QUEUE, Concurrency, Plan, Trigger
from apps_engine.language.report.words import code
from apps_engine.store.inbox import NewExecution
from apps_engine.store.models import EventInbox, Lane

DELAYED = "delayed"
# What somebody waits for goes before what happens by itself, and that before what is done over again.
URGENT, USUAL, BACKLOG = 2, 5, 8
ASKED_FOR = frozenset({"manual", "keyword", "phrase", "intent"})
LONGEST_KEY = 200
# No trigger of the app's began a task, so none says how it may overlap.
_OF_TASKS = Concurrency(QUEUE)


@dataclass(frozen=True, slots=True)
class Start:
    """Everything a new execution needs to know of what started it."""

    trigger: Trigger
    key: str
    run_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    chain: Sequence[int] = ()
    requested_by: str = ""


def execution_of(app_id: int, version_id: int, plan: Plan, start: Start) -> NewExecution:
    """An execution to be stored, its concurrency key rendered from what started it."""
    concurrency = concurrency_of(plan, start.trigger.id)
    inputs = {**input_defaults(plan.inputs), **start.inputs}
    scope = {"trigger": start.data, "inputs": inputs}
    key = "" if concurrency.key is None else str(concurrency.key(scope))
    return NewExecution(
        app_id=app_id,
        version_id=version_id,
        flow=start.trigger.flow,
        trigger_type=start.trigger.type,
        trigger_id=start.trigger.id,
        trigger_key=start.key,
        trigger=start.data,
        inputs=inputs,
        chain=start.chain,
        requested_by=start.requested_by,
        run_at=start.run_at,
        max_attempts=plan.max_attempts,
        concurrency_key=_bounded(key),
        **places_of(concurrency),
        lane=lane_of(plan),
        priority=URGENT if start.trigger.type in ASKED_FOR else USUAL,
    )


def concurrency_of(plan: Plan, trigger_id: str) -> Concurrency:
    """What happens where a run that a trigger starts overlaps another; one of no trigger waits for its turn."""
    return plan.concurrency[trigger_id] if trigger_id else _OF_TASKS


def places_of(concurrency: Concurrency) -> dict[str, Any]:
    """How many runs of one key may be at work at once, as an execution stores it."""
    return {"exclusive": concurrency.max_parallel is not None, "slots": concurrency.max_parallel or 1}


def lane_of(plan: Plan) -> str:
    """Which workers the runs of a plan are for."""
    return (Lane.CALLS if plan.calls_out else Lane.RUNS).value


def event_key(trigger_id: str, number: int) -> str:
    """The trigger key of the run that an event starts; those of a delayed sequence have their place behind it."""
    return f"{trigger_id}:event:{number}"


def event_keys(trigger_id: str, number: int, delays: int) -> list[str]:
    """Every key that an event may start runs under, for a sequence of so many delays."""
    key = event_key(trigger_id, number)
    return [key, *(f"{key}:{place}" for place in range(delays))]


def starts_of(trigger: Trigger, event: EventInbox, data: Mapping[str, Any]) -> Iterator[Start]:
    """What one matching event starts: one run, or one for each delay of a delayed trigger (TRG-04)."""
    key = event_key(trigger.id, event.pk)
    if trigger.type != DELAYED:
        yield Start(trigger, key, event.received_at, data, chain=event.chain)
        return
    for index, delay in enumerate(trigger.params["sequence"]):
        due = event.received_at + timedelta(seconds=delay.seconds)
        delayed = {**data, "delay": {"index": index, "seconds": delay.seconds}}
        yield Start(replace(trigger, flow=delay.flow), f"{key}:{index}", due, delayed, chain=event.chain)


def no_longer_wanted(trigger: Trigger, scope: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why a delayed run that is due now has lost its reason: checked when it is due, not when it was planned."""
    if trigger.type != DELAYED:
        return None
    delay = trigger.params["sequence"][scope["trigger"]["delay"]["index"]]
    exit_when = trigger.params["exit_when"]
    if exit_when is not None and exit_when(scope):
        return _unwanted(f"The sequence had been left: its `exit_when` held: {code(str(exit_when.source))}.")
    if delay.when is not None and not delay.when(scope):
        return _unwanted(f"When the delay was over, its `when` did not hold: {code(str(delay.when.source))}.")
    return None


def _unwanted(message: str) -> dict[str, Any]:
    hint = "See `when` and `exit_when` of the trigger."
    return {"code": "no_longer_wanted", "message": message, "hint": hint, "retryable": False}


def _bounded(key: str) -> str:
    """A long key is replaced by its digest: it only has to be the same for the same text."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
