"""The names that a template can read at a place of a definition, with their static types (LNG-01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apps_engine.language.kinds import Kind
from apps_engine.language.nodes import path_text
from apps_engine.language.static_types import BOOLEAN, INSTANT, NUMBER, TEXT, Type, object_of

# What the services put into the scope of every run.
BUILTINS: Mapping[str, Type] = {
    "now": INSTANT,
    "today": INSTANT,
    "tenant": object_of({"id": NUMBER, "slug": TEXT, "name": TEXT, "timezone": TEXT}),
    "app": object_of({"id": NUMBER, "name": TEXT, "version": NUMBER}),
    "run": object_of({"id": NUMBER, "trigger": TEXT, "requested_by": TEXT, "started_at": INSTANT}),
}
LOOP = object_of({"index": NUMBER, "number": NUMBER, "length": NUMBER, "first": BOOLEAN, "last": BOOLEAN})

# What an app remembers, and what an action writes that changes it.
STATE = "state"

# Words of the expression language, and roots that a step may not take over.
RESERVED = frozenset(
    {
        "and",
        "or",
        "not",
        "in",
        "contains",
        "true",
        "false",
        "null",
        "op",
        "loop",
        "trigger",
        "inputs",
        STATE,
        *BUILTINS,
    }
)


@dataclass(slots=True)
class Binding:
    """A name: its possible types (several where several triggers start the flow) and when it may be missing.

    `unless` says in words when the name has a value; empty when it always has one. `condition` is the step's own.
    """

    types: tuple[Type, ...]
    unless: str = ""
    condition: str = ""

    @property
    def type(self) -> Type:
        """The one type, or the first of several."""
        return self.types[0]


@dataclass(slots=True)
class Scope:
    """Names by frame: the flow's own, and one more for each loop inside; `items` are those of a loop's item."""

    names: dict[str, Binding] = field(default_factory=dict)
    outer: Scope | None = None
    items: frozenset[str] = frozenset()
    # The keys of the state that a step before has set for certain.
    remembered: set[str] = field(default_factory=set)

    def lookup(self, name: str) -> Binding | None:
        """The innermost binding of a name."""
        found = self.names.get(name)
        return found if found is not None or self.outer is None else self.outer.lookup(name)

    def remembers(self, key: str) -> bool:
        """Whether a key of the state is there for certain."""
        return key in self.remembered or (self.outer is not None and self.outer.remembers(key))

    def visible(self) -> Iterator[str]:
        """Every name, innermost first."""
        yield from self.names
        if self.outer is not None:
            yield from self.outer.visible()

    def one_of_many(self, name: str) -> bool:
        """Whether the name stands for an item of a loop or a row, and so for each of them in turn."""
        if name in self.names:
            return name in self.items
        return self.outer is not None and self.outer.one_of_many(name)

    def of_each(self, name: str) -> bool:
        """Whether the name is bound anew for each item of a loop: an item, or what a step inside makes of it."""
        if name in self.names:
            return self.outer is not None
        return self.outer is not None and self.outer.of_each(name)

    def inner(self, items: Mapping[str, Binding]) -> Scope:
        """A frame inside this one, for a loop over such items."""
        return Scope(dict(items), self, frozenset(items))

    def copy(self) -> Scope:
        """The same frame for one arm of a branch, so that arms do not see each other's names."""
        return replace(self, names=dict(self.names), remembered=set(self.remembered))


@dataclass(slots=True)
class Fault:
    """Why a path leads nowhere: the segment, what it was looked for in, and how that is written."""

    segment: str | int | None
    holder: Type
    written: str


@dataclass(slots=True)
class Found:
    """What a path leads to, and the first part of it that may be null before the end or may not be there."""

    type: Type
    nullable_at: str = ""
    optional_at: str = ""


def follow(start: Type, root: str, path: Sequence[object]) -> Found | Fault:
    """The type at the end of a path. Anything but a text or a whole number is an index known at run time only."""
    segments = tuple([step if isinstance(step, str | int) else None for step in path])
    current, nullable_at, optional_at = start, "", ""
    for place, segment in enumerate(segments):
        if current.nullable and not nullable_at:
            nullable_at = path_text(root, segments[:place])
        reached = _member(current, segment)
        if reached is None:
            return Fault(segment, current, path_text(root, segments[:place]))
        if reached.optional and not optional_at:
            optional_at = path_text(root, segments[: place + 1])
        current = reached
    return Found(current, nullable_at, optional_at)


def _member(holder: Type, segment: str | int | None) -> Type | None:
    if holder.kind is Kind.LIST:
        return None if isinstance(segment, str) else holder.element
    if holder.kind is Kind.ANY and isinstance(segment, int):
        return holder.element
    if holder.kind not in (Kind.ANY, Kind.OBJECT) or isinstance(segment, int):
        return None
    return Type(untrusted=holder.tainted, selected=holder.picked) if segment is None else holder.member(segment)
