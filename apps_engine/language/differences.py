"""What is different between two JSON values, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from apps_engine.language.pointers import join


class Absent(Enum):
    """There is nothing at the place."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Difference:
    """One place (a JSON Pointer, RFC 6901) and what is there before and after; ABSENT where there is nothing."""

    path: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON: `before` or `after` is left out where there is nothing."""
        sides = {"before": self.before, "after": self.after}
        return {"path": self.path, **{name: value for name, value in sides.items() if value is not ABSENT}}


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """The places where the second value differs from the first; inside lists item by item, as they stand."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), join(path, key))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            one = before[index] if index < len(before) else ABSENT
            other = after[index] if index < len(after) else ABSENT
            yield from differences(one, other, join(path, index))
    elif type(before) is not type(after) or before != after:
        yield Difference(path, before, after)
