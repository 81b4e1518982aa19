"""How two values compare, everywhere in the language: expressions, predicates and filters agree.

Values of different kinds are never equal (`1` is not `true`, `"1"` is not `1`); `1` and `1.0` are. Texts compare by
code point and case; two texts that both hold an instant compare as instants, whatever their offsets.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Any

from apps_engine.language.bounds import LIST_ITEMS, VALUE_DEPTH, VALUES_COMPARED
from apps_engine.language.errors import BoundExceeded, MissingValue, WrongType
from apps_engine.language.instants import instant_or_none
from apps_engine.language.kinds import NUMBER_TYPES, Kind, described, kind_of
from apps_engine.language.work import WORK


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same; raises BoundExceeded where too much would have to be compared."""
    if type(left) is str and type(right) is str:
        return left == right or _same_instant(left, right)
    if type(left) in NUMBER_TYPES and type(right) in NUMBER_TYPES:
        return bool(left == right)
    return _Comparison().equal(left, right, VALUE_DEPTH)


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None for values that have no order (different kinds, booleans, lists, objects, null)."""
    if type(left) is str and type(right) is str:
        first, second = instant_or_none(left), instant_or_none(right)
        if first is not None and second is not None:
            return (first > second) - (first < second)
        return (left > right) - (left < right)
    if type(left) in NUMBER_TYPES and type(right) in NUMBER_TYPES:
        return int(left > right) - int(left < right)
    return None


def required_order(left: Any, right: Any) -> int:
    """As `order`; raises MissingValue for null and WrongType for values that have no order."""
    found = order(left, right)
    if found is not None:
        return found
    if left is None or right is None:
        raise MissingValue("null", "null has no order.", "Put `default` before the comparison.")
    raise WrongType(
        f"{described(left).capitalize()} and {described(right)} have no order.",
        "Compare two numbers, two texts or two dates.",
    )


def within(item: Any, container: Any) -> bool:
    """`item in container`: an item of a list, a piece of a text, a key of an object."""
    if type(container) is list:
        if len(container) > LIST_ITEMS:
            raise BoundExceeded(
                "list_too_long", f"A list has more than {LIST_ITEMS} items.", "Take fewer with `limit`."
            )
        comparison = _Comparison()
        return any(comparison.equal(item, member, VALUE_DEPTH) for member in container)
    if type(container) is str or type(container) is dict:
        if type(item) is not str:
            raise WrongType(f"{described(container).capitalize()} can hold a text, not {described(item)}.")
        return item in container
    if container is None:
        raise MissingValue("null", "null holds nothing.", "Put `default` before it.")
    raise WrongType(f"{described(container).capitalize()} holds nothing.", "Use a list, a text or an object.")


def truth(value: Any) -> bool:
    """Whether a condition holds: null, false, zero, and an empty text, list or object do not."""
    return bool(value)


def identity(value: Any) -> Hashable:
    """A key that is the same for equal values and differs for others, for sets and groups."""
    return _Comparison().identity(value, VALUE_DEPTH)


def identities(values: Iterable[Any]) -> list[Hashable]:
    """The key of each value; raises BoundExceeded where they hold too much together."""
    comparison = _Comparison()
    return [comparison.identity(value, VALUE_DEPTH) for value in values]


class _Comparison:
    """Compares nested values, and counts what is inside them."""

    def __init__(self) -> None:
        self.left = VALUES_COMPARED

    def equal(self, left: Any, right: Any, depth: int) -> bool:
        if type(left) is str and type(right) is str:
            return left == right or _same_instant(left, right)
        if type(left) in NUMBER_TYPES and type(right) in NUMBER_TYPES:
            return bool(left == right)
        kind = kind_of(left)
        if kind is not kind_of(right):
            return False
        if kind is Kind.LIST:
            return len(left) == len(right) and self._alike(left, right, depth)
        if kind is Kind.OBJECT:
            return left.keys() == right.keys() and self._alike(left.values(), [right[key] for key in left], depth)
        return bool(left == right)

    def _alike(self, left: Collection[Any], right: Collection[Any], depth: int) -> bool:
        self._count(len(left), depth)
        return all(self.equal(one, other, depth - 1) for one, other in zip(left, right, strict=True))

    def identity(self, value: Any, depth: int) -> Hashable:
        kind = type(value)
        if kind is str:
            return instant_or_none(value) or value
        if kind is bool:
            return ("boolean", value)
        if kind is not list and kind is not dict:
            scalar: Hashable = value
            return scalar
        self._count(len(value), depth)
        if kind is dict:
            return ("object", frozenset([(key, self.identity(item, depth - 1)) for key, item in value.items()]))
        return ("list", *[self.identity(item, depth - 1) for item in value])

    def _count(self, values: int, depth: int) -> None:
        if not depth:
            raise BoundExceeded("too_deep", f"A value nests more than {VALUE_DEPTH} lists and objects.", "Flatten it.")
        self.left -= values + 1
        WORK.compared += values + 1
        if self.left < 0:
            message = f"More than {VALUES_COMPARED:,} values inside lists and objects would be compared."
            raise BoundExceeded("too_much_work", message, "Compare a field of them.")


def _same_instant(left: str, right: str) -> bool:
    first = instant_or_none(left)
    return first is not None and first == instant_or_none(right)
