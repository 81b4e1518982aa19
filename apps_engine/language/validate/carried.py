"""What one run hands to later ones: the state that an app remembers, and the data of the tasks that it sets itself.

Who wrote it is followed from the step that hands it over to the one that reads it, over all flows (LNG-09).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from apps_engine.language.kinds import Kind
from apps_engine.language.static_types import Origin, Type, joined

_ANYTHING = Type(untrusted=Origin.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Carried:
    """The types of the keys of the state and, by flow, of `trigger` in a task.

    What is under a key that no step sets, a version before this one remembered; nobody knows what. Nor where a template
    makes the keys (`unsure`). While it is still being found out (`settling`), what is not known yet is nothing.
    """

    state: Mapping[str, Type] = field(default_factory=dict)
    tasks: Mapping[str, Type] = field(default_factory=dict)
    unsure: bool = False
    settling: bool = False

    def state_type(self) -> Type:
        """`state` at the start of a flow: any key may not have been set yet."""
        keys = {name: replace(kind, optional=True) for name, kind in self.state.items()}
        found = Type(Kind.OBJECT, keys, untrusted=Origin.PLATFORM if self.settling else Origin.OUTSIDE)
        return replace(found.marked(untrusted=Origin.OUTSIDE), kind=Kind.ANY) if self.unsure else found

    def task_type(self, flow: str) -> tuple[Type, ...]:
        """What a task hands to a flow; nothing where none starts it."""
        if flow not in self.tasks:
            return ()
        return (self.tasks[flow].marked(untrusted=Origin.OUTSIDE) if self.unsure else self.tasks[flow],)

    def alike(self, other: Carried) -> bool:
        """Whether the same is known, as far as it decides anything."""
        return self._outline() == other._outline()

    def _outline(self) -> object:
        named = [*self.state.items(), *self.tasks.items()]
        outlines = [(name, kind.kind, kind.tainted, kind.picked, sorted(kind.fields)) for name, kind in named]
        return self.unsure, len(self.state), outlines


@dataclass(slots=True)
class Carrying:
    """What the steps seen so far hand over."""

    state: dict[str, list[Type]] = field(default_factory=dict)
    tasks: dict[str, list[Type]] = field(default_factory=dict)
    unsure: bool = False

    def remember(self, data: Type) -> None:
        """A step sets keys of the state."""
        self.unsure = self.unsure or data.open
        for name, kind in data.fields.items():
            self.state.setdefault(name, []).append(kind)

    def schedule(self, flow: str, data: Type) -> None:
        """A step sets a task for a flow."""
        self.tasks.setdefault(flow, []).append(data)

    def settled(self) -> Carried:
        """All of it together."""
        state = {name: joined(kinds) for name, kinds in sorted(self.state.items())}
        tasks = {flow: joined(kinds) for flow, kinds in sorted(self.tasks.items())}
        return Carried(state, tasks, self.unsure)


def with_keys(state: Type, names: Iterable[str]) -> Type:
    """`state` behind a step that set these keys for certain."""
    known = {name: replace(state.fields.get(name, _ANYTHING), optional=False) for name in names}
    return replace(state, fields={**state.fields, **known})


def set_in_all(states: Iterable[Type]) -> set[str]:
    """The keys that are there for certain in each of several states."""
    found = [{name for name, kind in state.fields.items() if not kind.optional} for state in states]
    return set.intersection(*found) if found else set()
