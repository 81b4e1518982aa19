"""Flows: their steps, their responses, their size, and whether anything starts them (RUN-02)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps_engine.language.pointers import join
from apps_engine.language.predicates import read_predicate
from apps_engine.language.shape import NAME_PATTERN
from apps_engine.language.static_types import UNKNOWN, Type, not_null
from apps_engine.language.validate.carried import ANY_FLOW, NOTHING, Carried
from apps_engine.language.validate.effects import TASKS
from apps_engine.language.validate.names import ids_in
from apps_engine.language.validate.predicates import fields_present
from apps_engine.language.validate.review import Place, Review, Walk
from apps_engine.language.validate.scope import STATE
from apps_engine.language.validate.steps import check_steps
from apps_engine.language.validate.triggers import trigger_scope, trigger_type
from apps_engine.language.validate.usage import check_usage

# More rounds than an app of sense needs; one that still finds more is not trusted.
_MOST_ROUNDS = 6
# What tells two triggers apart: the type, the event, and the fields that are not null for their filters.
Alike = tuple[str, str, frozenset[str]]

_REPEATED = re.compile(r"(.+)__\d+")


@dataclass(frozen=True, slots=True)
class Starts:
    """What starts a flow: the types of `trigger` in it, and whether somebody is asked for the inputs each time."""

    types: tuple[Type, ...] = ()
    asked: bool = True


def check_flows(review: Review) -> None:
    """Report everything wrong with the flows."""
    flows = list(review.flows())
    most = review.limit("flows")
    if most is not None and len(flows) > most:
        message = f"There are {len(flows)} flows; the profile allows {most}."
        review.findings.add("/flows", "too_many_flows", message, "Make several apps of it.")
    starts = flow_starts(review)
    for name, flow, at in flows:
        _check_name(name, at, review)
        if name not in starts:
            review.findings.add(
                at, "unreachable_flow", f"Nothing starts the flow `{name[:40]}`.", "Let a trigger name it."
            )
        walk = walk_flow(flow, at, starts.get(name, Starts()), review)
        _check_size(walk, join(at, "steps"))
        check_usage(flow.get("steps"), join(at, "steps"), walk)
        for result in walk.fetched.keys() - walk.read:
            hint = "Use it in a later step, or remove the step."
            review.findings.add(walk.fetched[result], "unused_result", f"Nothing reads `{result}`.", hint)


def walk_flow(flow: dict[str, Any], at: str, starts: Starts, review: Review) -> Walk:
    """Walk over the steps and the response of a flow that these triggers start, and report what is wrong with them."""
    steps, response = flow.get("steps"), flow.get("response")
    walk = Walk(review, later=frozenset(ids_in(steps)))
    place = Place(trigger_scope(starts.types, review, asked=starts.asked))
    check_steps(steps, join(at, "steps"), place, walk)
    if isinstance(response, dict):
        place.reader(walk).value(response, join(at, "response"))
        _check_blocks(response.get("ui"), join(at, "response", "ui"), review)
    return walk


def flow_starts(review: Review) -> dict[str, Starts]:
    """What starts each flow; triggers that hand over the same count once."""
    unasked: set[str] = set()
    starts: dict[str, dict[Alike, Type]] = {}
    known: dict[Alike, Type] = {}
    for trigger, _ in review.triggers():
        event = str(trigger.get("event"))
        alike = str(trigger.get("type")), event if event in review.catalogue.events else "", _present(trigger)
        started = known.setdefault(alike, _started_with(trigger, alike[2], review))
        for name in _started_by(trigger):
            starts.setdefault(name, {})[alike] = started
            unasked |= set() if alike[0] == "manual" else {name}
    return {
        name: Starts((*starts.get(name, {}).values(), *review.carried.task_types(name)), name not in unasked)
        for name in _startable(starts, review)
    }


def _startable(starts: Mapping[str, object], review: Review) -> Iterator[str]:
    """The flows that a trigger or a task may start."""
    tasks = review.carried.tasks
    flows = {name for name, _, _ in review.flows()} if ANY_FLOW in tasks else tasks.keys()
    yield from starts
    yield from (name for name in flows if name not in starts)


def settled(review: Review, work: Callable[[Review], None]) -> Review:
    """Do the work on a review that knows what runs hand to later ones; the review that it was done on last.

    Who wrote that is found by the work itself: it is done again, on a fresh review, until it finds nothing more. So is
    who ends a loop by what its own steps found out.
    """
    if any(STATE in acted.spec.writes or TASKS in acted.spec.writes for acted in review.acts):
        known = _first_round(review)
    else:
        work(review)
        if not review.carrying.ends:
            return review
        known = replace(review.carried, ends=dict(review.carrying.ends))
    for _ in range(_MOST_ROUNDS):
        trial = review.knowing(known)
        work(trial)
        found = trial.carrying.settled()
        if found.alike(known):
            return trial
        known = found
    last = review.knowing(known.unsure())
    work(last)
    return last


def _first_round(review: Review) -> Carried:
    """What is handed over by steps that read nothing of it."""
    trial = review.knowing(NOTHING, muted=True)
    starts = flow_starts(trial)
    for name, flow, at in trial.flows():
        walk_flow(flow, at, starts.get(name, Starts((UNKNOWN,))), trial)
    return trial.carrying.settled()


def _present(trigger: dict[str, Any]) -> frozenset[str]:
    """The fields that an event has a value in if it gets past the trigger's filter."""
    source = trigger.get("filter")
    if not isinstance(source, dict | list):
        return frozenset()
    predicate, errors = read_predicate(source)
    return frozenset() if errors else fields_present(predicate)


def _started_with(trigger: dict[str, Any], present: frozenset[str], review: Review) -> Type:
    started = trigger_type(trigger, review)
    for name in sorted(present):
        started = not_null(started, name.split("."))
    return started


def _started_by(trigger: dict[str, Any]) -> Iterator[str]:
    sequence = trigger.get("sequence")
    entries = [entry for entry in sequence if isinstance(entry, dict)] if isinstance(sequence, list) else []
    for flow in [entry.get("flow", trigger.get("flow")) for entry in entries] or [trigger.get("flow")]:
        if isinstance(flow, str):
            yield flow


def _check_name(name: str, at: str, review: Review) -> None:
    repeated = _REPEATED.fullmatch(name)
    if repeated:
        message = f"Two actions are called `{repeated[1][:40]}`."
        review.findings.add(at, "duplicate_id", message, "Give each action its own id.")
    elif not re.fullmatch(NAME_PATTERN, name):
        hint = "Use letters, digits and underscores, at most 64."
        review.findings.add(at, "bad_format", f"'{name[:40]}' is no name for a flow.", hint)


def _check_blocks(blocks: Any, at: str, review: Review) -> None:
    most = review.limit("ui_blocks")
    if isinstance(blocks, list) and most is not None and len(blocks) > most:
        message = f"There are {len(blocks)} UI blocks; a response has at most {most}."
        review.findings.add(at, "too_many_ui_blocks", message, "Show the most important ones.")


def _check_size(walk: Walk, at: str) -> None:
    sizes = {
        "data_steps": walk.counts["fetch"] + walk.counts["transform"],
        "act_steps": walk.counts["act"],
        "steps": walk.counts.total(),
    }
    for name, size in sizes.items():
        most = walk.review.limit(name)
        if most is not None and size > most:
            what = {"data_steps": "fetch and transform steps", "act_steps": "act steps", "steps": "steps"}[name]
            message = f"The flow has {size} {what}; the profile allows {most}."
            walk.review.findings.add(at, "too_many_steps", message, "Split the flow, or make several apps of it.")
