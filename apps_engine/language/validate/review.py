"""What the checks of one definition share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from apps_engine.language.catalogue import ActionSpec, Catalogue
from apps_engine.language.limits import limit
from apps_engine.language.pointers import join
from apps_engine.language.static_types import Origin
from apps_engine.language.validate.carried import Carried, Carrying
from apps_engine.language.validate.findings import MOST_SUGGESTIONS, Findings
from apps_engine.language.validate.scope import Binding, Scope
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.texts import Texts
from apps_engine.language.validate.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Acted:
    """An act step that names an action of the catalogue, wherever it stands."""

    step: Mapping[str, Any]
    spec: ActionSpec
    at: str
    looped: bool


@dataclass(frozen=True, slots=True)
class Review:
    """One definition under review.

    `acts` are its act steps whose actions there are. `shaped` says that the published schema accepts it, so that no
    part has to be judged by itself.
    """

    definition: Mapping[str, Any]
    vocabulary: Vocabulary
    acts: tuple[Acted, ...] = ()
    shaped: bool = False
    findings: Findings = field(default_factory=Findings)
    texts: Texts = field(default_factory=Texts)
    carried: Carried = field(default_factory=Carried)
    carrying: Carrying = field(default_factory=Carrying)

    @classmethod
    def of(cls, definition: Mapping[str, Any], vocabulary: Vocabulary, *, shaped: bool) -> Review:
        """A review that has nothing found yet."""
        review = cls(definition, vocabulary, shaped=shaped)
        found = (review._acts(flow.get("steps"), join(at, "steps"), looped=False) for _, flow, at in review.flows())
        return replace(review, acts=tuple(chain.from_iterable(found)))

    @property
    def catalogue(self) -> Catalogue:
        """What a definition may name."""
        return self.vocabulary.catalogue

    @property
    def profile(self) -> str:
        """The profile as written; limits take the stricter one for a profile that does not exist."""
        profile = self.definition.get("profile")
        return profile if isinstance(profile, str) else ""

    def knowing(self, carried: Carried, *, muted: bool = False) -> Review:
        """The same review from the beginning, with this known of what runs hand over."""
        findings = Findings(suggestions=MOST_SUGGESTIONS if muted else 0)
        return replace(self, findings=findings, carried=carried, carrying=Carrying())

    def limit(self, name: str) -> int | None:
        """A limit of the profile."""
        return limit(self.profile, name)

    def permitted(self, kind: str) -> frozenset[str]:
        """What the permissions name."""
        permissions = self.definition.get("permissions")
        named = permissions.get(kind) if isinstance(permissions, dict) else None
        return frozenset(name for name in named if isinstance(name, str)) if isinstance(named, list) else frozenset()

    def reader(self, scope: Scope) -> Reader:
        """What checks templates outside of a flow's steps."""
        return Reader(self.findings, scope, self.texts)

    def triggers(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Each trigger that is an object, and its pointer."""
        triggers = self.definition.get("triggers")
        for index, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
            if isinstance(trigger, dict):
                yield trigger, join("/triggers", index)

    def flows(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Each flow that is an object, with its name and pointer."""
        flows = self.definition.get("flows")
        for name, flow in flows.items() if isinstance(flows, dict) else ():
            if isinstance(flow, dict):
                yield name, flow, join("/flows", name)

    def _acts(self, steps: Any, at: str, *, looped: bool) -> Iterator[Acted]:
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            if not isinstance(step, dict):
                continue
            place, name = join(at, index), step.get("act")
            spec = self.catalogue.actions.get(name) if isinstance(name, str) else None
            if spec is not None:
                yield Acted(step, spec, place, looped)
            if "steps" in step:
                yield from self._acts(step["steps"], join(place, "steps"), looped=looped or "each" in step)
            for number, arm in enumerate(step["branch"] if isinstance(step.get("branch"), list) else ()):
                if isinstance(arm, dict):
                    yield from self._acts(arm.get("steps"), join(place, "branch", number, "steps"), looped=looped)


@dataclass(slots=True)
class Walk:
    """One flow under review: what its steps add up to, and the place of each step by its pointer."""

    review: Review
    later: frozenset[str]
    places: dict[str, Place] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    read: set[str] = field(default_factory=set)
    fetched: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Place:
    """Where a step stands: its names, how deep it is nested, and what the conditions around it hold to.

    `times` is how often it runs at most in one run of the flow; `chosen` who decides for which items of a loop it does.
    """

    scope: Scope
    times: int = 1
    loops: int = 0
    branches: int = 0
    narrowed: Mapping[str, Binding] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()
    chosen: int = Origin.PLATFORM

    def reader(self, walk: Walk) -> Reader:
        """What checks the templates of this place."""
        review = walk.review
        return Reader(review.findings, self.scope, review.texts, walk.later, self.conditions, walk.read, self.narrowed)
