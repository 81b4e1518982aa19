"""What the apps of one community do to each other: who starts whom, and who writes what another writes too (TRG-10).

An app starts another by an event of its own that the other listens to, or by what it does on the platform and the
other waits for. Going round in the first way is refused, for nothing would stop it but the length of the chain. Going
round in the second is a warning: a filter may stop it, and a filter cannot be judged before there are events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps_engine.language.catalogue import ActionSpec, Catalogue
from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem
from apps_engine.language.validate.codes import SERVICE_CODES
from apps_engine.language.validate.effects import EMITTING
from apps_engine.language.validate.permissions import sent_events
from apps_engine.language.validate.review import Acted, Review
from apps_engine.language.validate.vocabulary import vocabulary_of

_LISTENING = frozenset({"event", "delayed"})
# Actions that set named fields of a row; which ones, their parameters say.
_SETTING = "update_"
_CONDITIONS = frozenset({"only_if"})


@dataclass(frozen=True, slots=True)
class Footprint:
    """What an app means to others: app events that it sends and hears, platform events that it causes and waits for.

    `waits` and `hears` have the pointer of a trigger by its event. `sets` has the pointer of a step by the field that
    it sets, such as `update_user.engagement_score`; `does` by what is done and the event that starts it.
    """

    name: str
    sends: frozenset[str]
    causes: frozenset[str]
    hears: Mapping[str, str]
    waits: Mapping[str, str]
    sets: Mapping[str, str]
    does: Mapping[tuple[str, str], str]

    def starts(self, other: Footprint) -> frozenset[str]:
        """The app events by which it starts another app."""
        return self.sends & other.hears.keys()

    def moves(self, other: Footprint) -> frozenset[str]:
        """All events by which it may start another app."""
        return self.starts(other) | (self.causes & other.waits.keys())


def footprint(definition: Mapping[str, Any], catalogue: Catalogue) -> Footprint:
    """The footprint of a valid definition."""
    review = Review.of(definition, vocabulary_of(catalogue), shaped=True)
    listened = {trigger["event"]: at for trigger, at in review.triggers() if trigger["type"] in _LISTENING}
    platform = {event: at for event, at in listened.items() if event in catalogue.events}
    hears = {event: at for event, at in listened.items() if event not in catalogue.events}
    return Footprint(
        name=str(definition["name"]),
        sends=frozenset(event for acted in review.acts for event in _sent(acted, review)),
        causes=frozenset(event for acted in review.acts for event in acted.spec.emits),
        hears={event: at for event, at in hears.items() if event in review.permitted("subscribes")},
        waits=platform,
        sets={field: acted.at for acted in review.acts for field in _set(acted.spec, _params(acted))},
        does={(acted.spec.name, event): acted.at for acted in review.acts if acted.spec.writes for event in platform},
    )


def neighbour_problems(own: Footprint, others: Sequence[Footprint]) -> list[Problem]:
    """What the other apps of the community mean for this one; paths point into its canonical definition."""
    return [*_cycles(own, others), *_shared(own, others)]


def _params(acted: Acted) -> Mapping[str, Any]:
    params: Mapping[str, Any] = acted.step.get("params") or {}
    return params


def _sent(acted: Acted, review: Review) -> Iterable[str]:
    """The app events of a step; one whose name only a run knows may be any of those that the app may send."""
    if acted.spec.name not in EMITTING:
        return ()
    return list(sent_events(acted.spec, _params(acted))) or review.permitted("emits")


def _set(spec: ActionSpec, params: Mapping[str, Any]) -> Iterator[str]:
    if spec.name.startswith(_SETTING):
        yield from (f"{spec.name}.{name}" for name in params if name not in _CONDITIONS and name not in spec.targets)


def _cycles(own: Footprint, others: Sequence[Footprint]) -> Iterator[Problem]:
    """A problem for each trigger by which the app's own events come back to it through others."""
    for event, at in own.hears.items():
        round_trip = _way(own, event, others, Footprint.starts)
        if round_trip:
            yield _problem(
                join(at, "event"),
                "event_cycle",
                f"{_told(own, round_trip)} starts this app again by `{event}`: they would go round.",
                "Let one of them listen to another event.",
            )
    for event, at in {**own.waits, **own.hears}.items():
        round_trip = _way(own, event, others, Footprint.moves)
        if round_trip and not _way(own, event, others, Footprint.starts):
            yield _problem(
                join(at, "event"),
                "event_loop",
                f"{_told(own, round_trip)} may start this app again by `{event}`.",
                "Make sure that a filter stops them; after three apps in a row the platform does.",
            )


def _way(own: Footprint, event: str, others: Sequence[Footprint], edge: Any) -> list[Footprint]:
    """The apps, beginning with one that this app starts, of which the last sends or causes the event; [] for none."""
    pending = [[other] for other in others if edge(own, other)]
    seen = {other.name for other in others if edge(own, other)}
    while pending:
        way = pending.pop(0)
        last = way[-1]
        if event in edge(last, own):
            return way
        following = [other for other in others if other.name not in seen and edge(last, other)]
        seen |= {other.name for other in following}
        pending += [[*way, other] for other in following]
    return []


def _told(own: Footprint, way: Sequence[Footprint]) -> str:
    """The apps of a round trip in words."""
    first, *rest = (f"“{app.name[:60]}”" for app in way)
    return f"It starts {first}, which" if not rest else f"It starts {first}, that starts {', '.join(rest)}, which"


def _shared(own: Footprint, others: Sequence[Footprint]) -> Iterator[Problem]:
    """A warning for what another app writes as well."""
    for other in others:
        for field in own.sets.keys() & other.sets.keys():
            message = f"“{other.name[:60]}” sets `{field.partition('.')[2]}` too; what the later run writes stays."
            hint = "Let one app set it, or make sure that they never mean the same row."
            yield _problem(own.sets[field], "same_field", message, hint)
        for action, event in own.does.keys() & other.does.keys():
            message = f"“{other.name[:60]}” does `{action}` after `{event}` too."
            hint = "Nothing to do if both are meant; else leave it to one of them."
            yield _problem(own.does[action, event], "same_effect", message, hint)


def _problem(path: str, code: str, message: str, hint: str) -> Problem:
    return Problem(path, code, message, hint, SERVICE_CODES[code].severity)
