"""How large a value of a run may be, before anybody writes it out (SEC-03).

In memory a value may hold another one many times over for nothing: a few steps that each put a row into a new row twice
would fill any journal. So what a step sees and makes is counted as if it were written.
"""

from __future__ import annotations

from typing import Any, TypeVar

from apps_engine.language.bounds import VALUE_DEPTH
from apps_engine.language.errors import BoundExceeded

MOST_CHARACTERS = 33_554_432
# What an entry of a list or an object takes beside its text, and what a list or an object takes itself.
ENTRY, CONTAINER = 4, 48
_TOO_LARGE = (
    f"A step may see and make {MOST_CHARACTERS // 1_048_576} MiB, where each value counts as often as it is held."
)
Value = TypeVar("Value")


def bounded(value: Value) -> Value:
    """The value itself.

    Raises BoundExceeded where its JSON would have about `MOST_CHARACTERS` or more, or would nest too deeply.
    """
    left = MOST_CHARACTERS
    level: list[Any] = [[value]]
    for _ in range(VALUE_DEPTH + 1):
        inside: list[Any] = []
        for held in level:
            left -= _own(held, inside)
            if left < 0:
                raise BoundExceeded("value_too_large", _TOO_LARGE, "Fetch fewer rows or fields, or put less into each.")
        if not inside:
            return value
        level = inside
    raise BoundExceeded("too_deep", f"A value nests more than {VALUE_DEPTH} lists and objects.", "Flatten it.")


def characters(value: Any) -> int:
    """About how many characters the JSON of a value has, counted as `bounded` counts them."""
    count, level = 0, [[value]]
    while level:
        inside: list[Any] = []
        count += sum(_own(held, inside) for held in level)
        level = inside
    return count


def _own(held: Any, inside: list[Any]) -> int:
    """What a list or an object takes without those inside it, which are added to `inside`."""
    characters = CONTAINER + ENTRY * len(held)
    if type(held) is dict:
        characters += sum(map(len, held))
        held = held.values()
    for item in held:
        kind = type(item)
        if kind is str:
            characters += len(item)
        elif kind is dict or kind is list:
            inside.append(item)
    return characters
