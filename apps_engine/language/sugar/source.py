"""Where each part of the canonical definition was written, so that a problem points into the author's own document.

Normalising builds a tree of two kinds of node: a `Source` is a part of the document taken over as it stands, a `Made`
is an object or list put together from parts. `settle` turns the tree into plain JSON and a map of JSON Pointers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps_engine.language.pointers import join, parent


@dataclass(frozen=True, slots=True)
class Source:
    """A value of the author's document and its pointer there."""

    value: Any
    pointer: str = ""

    @property
    def is_object(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> Source:
        return Source(self.value[key], join(self.pointer, key))

    def members(self) -> dict[str, Source]:
        """The members of an object; of anything else, none."""
        return {key: self[key] for key in self.value} if isinstance(self.value, dict) else {}

    def elements(self) -> Iterator[Source]:
        """The elements of a list; of anything else, none."""
        if isinstance(self.value, list):
            yield from (Source(item, join(self.pointer, index)) for index, item in enumerate(self.value))


@dataclass(frozen=True, slots=True)
class Made:
    """An object or a list put together by normalising; `pointer` is what it was made of."""

    value: Mapping[str, Node] | Sequence[Node]
    pointer: str


# A constant that normalising adds (a default, an id) has no place of its own: it belongs to what holds it.
Node = Source | Made | str | int | bool | None


@dataclass(slots=True)
class SourceMap:
    """Canonical pointer -> pointer of the author; `whole` holds those taken over with all below them."""

    origins: dict[str, str] = field(default_factory=lambda: {"": ""})
    whole: set[str] = field(default_factory=set)

    def locate(self, pointer: str) -> str:
        """The place in the author's document of a place in the canonical definition, or the nearest one above it."""
        at, below = pointer, ""
        while at not in self.origins:
            at, below = parent(at), at[len(parent(at)) :] + below
        return self.origins[at] + below if at in self.whole else self.origins[at]


def settle(node: Node) -> tuple[Any, SourceMap]:
    """The plain JSON of a tree, and the map of its places."""
    places = SourceMap()
    return _settle(node, "", places), places


def _settle(node: Node, at: str, places: SourceMap) -> Any:
    if isinstance(node, Source):
        places.origins[at] = node.pointer
        places.whole.add(at)
        return node.value
    if not isinstance(node, Made):
        return node
    places.origins[at] = node.pointer
    if isinstance(node.value, Mapping):
        return {key: _settle(child, join(at, key), places) for key, child in node.value.items()}
    return [_settle(child, join(at, index), places) for index, child in enumerate(node.value)]
