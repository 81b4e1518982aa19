"""Putting the report of a definition together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.catalogue import ActionSpec, Catalogue
from apps_engine.language.jsontext import dumps
from apps_engine.language.limits import bound_limits
from apps_engine.language.pointers import join
from apps_engine.language.report.facts import Reach, Reading, Report
from apps_engine.language.report.starts import start_sentence
from apps_engine.language.report.steps import step_sentences
from apps_engine.language.report.words import value_words
from apps_engine.language.validate.effects import EMITTING
from apps_engine.language.validate.flows import Starts, flow_starts, settled, walk_flow
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.usage import usage
from apps_engine.language.validate.vocabulary import vocabulary_of

Step = Mapping[str, Any]


def report(definition: Mapping[str, Any], catalogue: Catalogue) -> Report:
    """What a valid canonical definition reads, writes, sends and calls, and the most that it may use."""
    review = settled(Review(definition, vocabulary_of(catalogue), shaped=True))
    steps = [step for _, flow, _ in review.flows() for step in _all_steps(flow["steps"])]
    acts = [(catalogue.actions[step["act"]], step, loops) for step, loops in steps if "act" in step]
    specs = [spec for spec, _, _ in acts]
    sentences, used = _flows(review)
    return Report(
        starts=tuple(start_sentence(trigger, catalogue) for trigger in definition["triggers"]),
        steps=tuple(sentences),
        reads=_readings((step for step, _ in steps if "fetch" in step), catalogue),
        accounts=_distinct(name for spec in specs for name in spec.oauth),
        writes=_distinct(name for spec in specs for name in spec.writes),
        emits=_distinct([*(name for spec in specs for name in spec.emits), *_app_events(acts)]),
        sends=_distinct(name for spec in specs for name in spec.sends),
        external=_distinct(spec.name for spec in specs if not spec.local),
        domains=tuple((definition.get("permissions") or {}).get("domains", ())),
        reaches=tuple(reach for spec, step, loops in acts for reach in _reaches(spec, step, loops)),
        worst_case=_capped(used, definition["profile"]),
    )


def _flows(review: Review) -> tuple[list[str], Counter[str]]:
    """The sentences of every flow, and the worst case of the flow that uses most of each."""
    sentences: list[str] = []
    used: Counter[str] = Counter()
    starts = flow_starts(review)
    for name, flow, at in review.flows():
        walk = walk_flow(flow, at, starts.get(name, Starts()), review)
        steps_at = join(at, "steps")
        sentences += step_sentences(flow["steps"], steps_at, walk)
        used |= usage(flow["steps"], steps_at, walk)
    return sentences, used


def _capped(used: Counter[str], profile: str) -> dict[str, int]:
    limits = bound_limits(profile)
    messages = used["messages"] if limits.messages is None else min(used["messages"], limits.messages)
    return {
        "emails": min(used["emails"], limits.emails),
        "ai_calls": min(used["ai_calls"], limits.ai_calls),
        "messages": messages,
        "loop_items": used["loop_items"],
        "seconds": limits.seconds,
    }


def _all_steps(steps: Iterable[Step], loops: tuple[str, ...] = ()) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """Every step below with the loop variables around it."""
    for step in steps:
        yield step, loops
        yield from _all_steps(step.get("steps", ()), (*loops, step["as"]) if "each" in step else loops)
        for arm in step.get("branch", ()):
            yield from _all_steps(arm["steps"], loops)


def _readings(fetches: Iterable[Step], catalogue: Catalogue) -> tuple[Reading, ...]:
    """One entry a connector, with the fields of all its fetches in the connector's order."""
    readings: dict[str, Reading] = {}
    for step in fetches:
        connector = catalogue.connectors[step["fetch"]]
        known = readings.get(connector.name) or Reading(connector.name, connector.noun, (), ())
        asked = {*(step.get("fields") or (spec.name for spec in connector.fields)), *known.fields}
        fields = [spec for spec in connector.fields if spec.name in asked]
        readings[connector.name] = replace(
            known,
            fields=tuple(spec.name for spec in fields),
            personal=tuple(spec.name for spec in fields if spec.personal),
        )
    return tuple(readings.values())


def _reaches(spec: ActionSpec, step: Step, loops: tuple[str, ...]) -> Iterator[Reach]:
    params = step.get("params") or {}
    for name in spec.targets:
        if name in params:
            written = params[name] if isinstance(params[name], str) else dumps(params[name])
            yield Reach(spec.name, name, written, value_words(params[name], loops))


def _app_events(acts: Iterable[tuple[ActionSpec, Step, tuple[str, ...]]]) -> Iterator[str]:
    for spec, step, _ in acts:
        event = (step.get("params") or {}).get(EMITTING.get(spec.name))
        if spec.name in EMITTING and isinstance(event, str):
            yield event


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
