"""What is known only behind a step and decides what stands before it: above all what one run hands to later ones, the
state that an app remembers and the data of the tasks that it sets itself; and how the steps of a loop end it.

Who wrote it is followed from the step that hands it over to the one that reads it, over all flows (LNG-09).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps_engine.language.kinds import Kind
from apps_engine.language.static_types import Origin, Type, joined

# In place of a flow's name: any of them may be meant.
ANY_FLOW = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """The type of the state, and by flow that of `trigger` in a task.

    What is under a key that no step sets, a version before this one remembered; nobody knows what.
    """

    state: Type = field(default_factory=lambda: Type(Kind.OBJECT, untrusted=Origin.OUTSIDE))
    tasks: Mapping[str, Type] = field(default_factory=dict)
    # Who decides when a loop ends, by its pointer, where that is not the platform.
    ends: Mapping[str, int] = field(default_factory=dict)

    def task_types(self, flow: str) -> tuple[Type, ...]:
        """What tasks hand to a flow; nothing where none starts it."""
        return tuple(self.tasks[name] for name in (flow, ANY_FLOW) if name in self.tasks)

    def alike(self, other: Carried) -> bool:
        """Whether the same is known, as far as it decides anything."""
        return self._outline() == other._outline()

    def unsure(self) -> Carried:
        """The same, of which nobody knows who wrote it."""
        tasks = {flow: kind.marked(untrusted=Origin.OUTSIDE) for flow, kind in self.tasks.items()}
        return Carried(self.state.marked(untrusted=Origin.OUTSIDE), tasks, self.ends)

    def _outline(self) -> object:
        named = [*self.state.fields.items(), *self.tasks.items()]
        outlines = [(name, kind.kind, kind.tainted, kind.picked, sorted(kind.fields)) for name, kind in named]
        return self.state.kind, len(self.state.fields), outlines, sorted(self.ends.items())


# Where nothing is known yet of what is handed over.
NOTHING = Carried(Type(Kind.OBJECT))


@dataclass(slots=True)
class Carrying:
    """What the steps seen so far hand over."""

    state: dict[str, list[Type]] = field(default_factory=dict)
    tasks: dict[str, list[Type]] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    # Whether a template makes keys of the state.
    vague: bool = False

    def remember(self, data: Type) -> None:
        """A step sets keys of the state."""
        self.vague = self.vague or data.open
        for name in data.fields:
            self.state.setdefault(name, []).append(data.member(name) or data)

    def schedule(self, flow: str, data: Type) -> None:
        """A step sets a task for a flow."""
        self.tasks.setdefault(flow, []).append(data)

    def end(self, loop: str, chosen: int) -> None:
        """A loop ends when somebody's choice is met."""
        self.ends[loop] = max(chosen, self.ends.get(loop, Origin.PLATFORM))

    def settled(self) -> Carried:
        """All of it together."""
        keys = {name: joined(kinds) for name, kinds in sorted(self.state.items())}
        state = Type(Kind.OBJECT, keys, untrusted=Origin.OUTSIDE)
        if self.vague:
            state = Type(Kind.ANY, untrusted=Origin.OUTSIDE)
        return Carried(state, {flow: joined(kinds) for flow, kinds in sorted(self.tasks.items())}, dict(self.ends))
