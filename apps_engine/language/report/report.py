"""Putting the report of a definition together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from apps_engine.language.catalogue import ActionSpec, Catalogue
from apps_engine.language.jsontext import dumps
from apps_engine.language.limits import bound_limits
from apps_engine.language.pointers import join
from apps_engine.language.report.exposure import exposures
from apps_engine.language.report.facts import Reach, Reading, Report
from apps_engine.language.report.recipients import recipients
from apps_engine.language.report.starts import start_sentence
from apps_engine.language.report.steps import step_sentences
from apps_engine.language.report.words import value_words
from apps_engine.language.validate.flows import Starts, flow_starts, settled, walk_flow
from apps_engine.language.validate.permissions import sent_events
from apps_engine.language.validate.review import Place, Review, Walk
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.usage import usage
from apps_engine.language.validate.vocabulary import vocabulary_of

Distinct = TypeVar("Distinct", bound=Hashable)
Step = Mapping[str, Any]


def report(definition: Mapping[str, Any], catalogue: Catalogue) -> Report:
    """What a valid canonical definition reads, writes, sends and calls, and the most that it may use."""
    walks: dict[str, Walk] = {}
    review = settled(Review.of(definition, vocabulary_of(catalogue), shaped=True), lambda trial: _walk(trial, walks))
    specs = [acted.spec for acted in review.acts]
    doing = [spec for spec in specs if spec.writes or spec.sends]
    steps = [_Step(step, loops, at, walks[name]) for name, step, loops, at in _all_steps(review)]
    acts = [(catalogue.actions[step.step["act"]], step) for step in steps if "act" in step.step]
    sent = _distinct(event for spec, step in acts for event in sent_events(spec, step.params))
    return Report(
        starts=tuple(start_sentence(trigger, catalogue) for trigger in definition["triggers"]),
        steps=tuple(sentence for name, flow, at in review.flows() for sentence in _told(flow, at, walks[name])),
        reads=_readings((step.step for step in steps if "fetch" in step.step), catalogue),
        accounts=_distinct(name for spec in specs for name in spec.oauth),
        writes=_distinct(name for spec in specs for name in spec.writes),
        emits=_distinct([*(name for spec in specs for name in spec.emits), *sent]),
        app_events=sent,
        sends=_distinct(name for spec in specs for name in spec.sends),
        external=_distinct(spec.name for spec in specs if not spec.local),
        domains=tuple((definition.get("permissions") or {}).get("domains", ())),
        reaches=tuple(reach for spec, step in acts for reach in _reaches(spec, step)),
        recipients=_distinct(
            one for spec, step in acts for one in recipients(spec, step.step, step.loops, _times(spec, step))
        ),
        exposures=_distinct(one for spec, step in acts for one in exposures(spec, step.params, step.reader)),
        undoable=_distinct(spec.sentence for spec in doing if spec.undoable),
        final=_distinct(spec.sentence for spec in doing if not spec.undoable),
        worst_case=_capped(_used(review, walks), definition["profile"]),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """A step, the items of the loops around it by their names, and where it was walked over."""

    step: Step
    loops: Mapping[str, Any]
    at: str
    walk: Walk

    @property
    def params(self) -> Step:
        params: Step = self.step.get("params") or {}
        return params

    @property
    def place(self) -> Place:
        return self.walk.places[self.at]

    @property
    def reader(self) -> Reader:
        return self.place.reader(self.walk)


def _times(spec: ActionSpec, step: _Step) -> int:
    """How often a step acts at most in one run, which stops at its limits."""
    limits = bound_limits(step.walk.review.profile)
    allowed = {"email": limits.emails, "ai": limits.ai_calls, "message": limits.messages}.get(spec.spends or "")
    return step.place.times if allowed is None else min(step.place.times, allowed)


def _walk(review: Review, walks: dict[str, Walk]) -> None:
    starts = flow_starts(review)
    walks.update((name, walk_flow(flow, at, starts.get(name, Starts()), review)) for name, flow, at in review.flows())


def _told(flow: Step, at: str, walk: Walk) -> Iterator[str]:
    return step_sentences(flow["steps"], join(at, "steps"), walk)


def _used(review: Review, walks: Mapping[str, Walk]) -> Counter[str]:
    """The worst case of the flow that uses most of each."""
    used: Counter[str] = Counter()
    for name, flow, at in review.flows():
        used |= usage(flow["steps"], join(at, "steps"), walks[name])
    return used


def _capped(used: Counter[str], profile: str) -> dict[str, int]:
    limits = bound_limits(profile)
    messages = used["messages"] if limits.messages is None else min(used["messages"], limits.messages)
    return {
        "emails": min(used["emails"], limits.emails),
        "ai_calls": min(used["ai_calls"], limits.ai_calls),
        "messages": messages,
        "outside_calls": used["outside_calls"],
        "loop_items": used["loop_items"],
        "seconds": limits.seconds,
    }


def _all_steps(review: Review) -> Iterator[tuple[str, Step, Mapping[str, Any], str]]:
    """Every step with the name of its flow, the loops around it and its pointer."""
    for name, flow, at in review.flows():
        for step, loops, place in _steps_below(flow["steps"], {}, join(at, "steps")):
            yield name, step, loops, place


def _steps_below(
    steps: Iterable[Step], loops: Mapping[str, Any], at: str
) -> Iterator[tuple[Step, Mapping[str, Any], str]]:
    for index, step in enumerate(steps):
        place = join(at, index)
        yield step, loops, place
        inner = {**loops, step["as"]: step["each"]} if "each" in step else loops
        yield from _steps_below(step.get("steps", ()), inner, join(place, "steps"))
        for number, arm in enumerate(step.get("branch", ())):
            yield from _steps_below(arm["steps"], loops, join(place, "branch", number, "steps"))


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


def _reaches(spec: ActionSpec, step: _Step) -> Iterator[Reach]:
    for name in spec.targets:
        if name in step.params:
            value = step.params[name]
            written = value if isinstance(value, str) else dumps(value)
            yield Reach(spec.name, name, written, value_words(value, tuple(step.loops)))


def _distinct(found: Iterable[Distinct]) -> tuple[Distinct, ...]:
    return tuple(dict.fromkeys(found))
