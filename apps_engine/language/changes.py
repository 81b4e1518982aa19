"""What is different between two definitions, step by step: steps and triggers are known by their ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from apps_engine.language.differences import ABSENT, Absent
from apps_engine.language.pointers import join

# What says nothing about where something is, in words.
_SILENT: Final = frozenset({"flows", "steps", "params", "settings", "branch"})


@dataclass(frozen=True, slots=True)
class Change:
    """One place: its names from the outside in, its JSON Pointer in the later definition, and both sides.

    A side is ABSENT where there is nothing. Where only the order changed, the sides are the ids in their order.
    """

    place: tuple[str, ...]
    path: str
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if self.before is ABSENT:
            return "added"
        return "removed" if self.after is ABSENT else "changed"


def changes(before: Any, after: Any, path: str = "", place: tuple[str, ...] = ()) -> Iterator[Change]:
    """The places where the second definition differs from the first, in the order of the second."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*after, *before)):
            named = place if key in _SILENT else (*place, key)
            yield from changes(before.get(key, ABSENT), after.get(key, ABSENT), join(path, key), named)
        return
    old, new = _by_id(before), _by_id(after)
    if old is not None and new is not None:
        yield from _listed(old, new, path, place)
    elif type(before) is not type(after) or before != after:
        yield Change(place, path, before, after)


def _listed(old: dict[str, Any], new: dict[str, Any], path: str, place: tuple[str, ...]) -> Iterator[Change]:
    for index, (name, item) in enumerate(new.items()):
        yield from changes(old.get(name, ABSENT), item, join(path, index), (*place, name))
    for name, item in old.items():
        if name not in new:
            yield Change((*place, name), path, item, ABSENT)
    kept_before = [name for name in old if name in new]
    kept_after = [name for name in new if name in old]
    if kept_before != kept_after:
        yield Change((*place, "order"), path, kept_before, kept_after)


def _by_id(value: Any) -> dict[str, Any] | None:
    """The items of a list by their ids; None for anything else, and where an item has none or its like has the same."""
    if isinstance(value, Absent) or not isinstance(value, list) or not value:
        return None
    found = {str(item["id"]): item for item in value if isinstance(item, dict) and "id" in item}
    return found if len(found) == len(value) else None
