"""Many predicates asked about one row: the few that may hold are found by what they compare, not one by one.

Each predicate is filed under one comparison that must hold for it: an equality or membership whose value is rarest,
else the beginning of a text, else a numeric bound. What has no such comparison is tested each time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from apps_engine.language.comparison import identity
from apps_engine.language.errors import LanguageError
from apps_engine.language.kinds import NUMBER_TYPES
from apps_engine.language.operators import OPERATORS
from apps_engine.language.predicate_tree import All, Compare, Predicate, comparisons
from apps_engine.language.predicates import Row, Test, field_reader, matcher

Key = TypeVar("Key")
_SCALARS: Final = (str, bool, *NUMBER_TYPES)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Key]):
    """A predicate by its key, and the test of what its place in the index does not say; `place` keeps the order."""

    place: int
    key: Key
    test: Test | None = None

    def may_hold(self, row: Row) -> bool:
        """Whether the predicate holds; True where its test cannot say, for the caller to find out why."""
        try:
            return self.test is None or self.test(row)
        except LanguageError:
            return True


class _Bounds(Generic[Key]):
    """Entries by a numeric bound of one field; `above` files lower bounds, which lower values reach too."""

    def __init__(self, filed: Iterable[tuple[int | Decimal, _Entry[Key]]], *, above: bool, inclusive: bool) -> None:
        ordered = sorted(filed, key=lambda pair: pair[0])
        self._values = [value for value, _ in ordered]
        self._entries = [entry for _, entry in ordered]
        self._above = above
        self._cut = bisect_right if above is inclusive else bisect_left

    def entries(self, value: int | Decimal) -> list[_Entry[Key]]:
        cut = self._cut(self._values, value)
        return self._entries[:cut] if self._above else self._entries[cut:]


class PredicateIndex(Generic[Key]):
    """Built once from predicates and asked about any number of rows; None stands for a predicate that always holds.

    A predicate whose values are rendered, or that looks at the clock, is always a candidate.
    """

    def __init__(self, predicates: Iterable[tuple[Key, Predicate | None]]) -> None:
        listed = [(place, key, _conjuncts(predicate)) for place, (key, predicate) in enumerate(predicates)]
        frequency = Counter(point for _, _, parts in listed for part in parts for point in _points(part))
        filed: dict[_Slot, list[tuple[Any, _Entry[Key]]]] = defaultdict(list)
        self._rest: list[_Entry[Key]] = []
        for place, key, parts in listed:
            chosen = _chosen(parts, frequency)
            if chosen is None:
                self._rest.append(_Entry(place, key, _test(parts)))
                continue
            entry = _Entry(place, key, _test([part for part in parts if part is not chosen]))
            for slot, value in _filed_under(chosen):
                filed[slot].append((value, entry))
        self._readers = {field: field_reader(field) for _, field in filed}
        self._lookups = [(self._readers[slot[1]], _LOOKUPS[slot[0]](entries)) for slot, entries in filed.items()]

    def candidates(self, row: Row) -> list[Key]:
        """The keys of the predicates that hold for the row, in the order in which they were given.

        Besides those: the ones that only binding can decide, and the ones whose test meets a value it cannot take.
        """
        found = [entry for entry in self._rest if entry.may_hold(row)]
        for read, lookup in self._lookups:
            value = read(row)
            if type(value) in _SCALARS:
                found += [entry for entry in lookup(value) if entry.may_hold(row)]
        found.sort(key=lambda entry: entry.place)
        return [entry.key for entry in found]


_Slot = tuple[str, str]  # the operator's family and the field
_Lookup = Callable[[Any], Iterable[_Entry[Any]]]


def _conjuncts(predicate: Predicate | None) -> list[Predicate]:
    """The parts that must all hold."""
    if predicate is None:
        return []
    if isinstance(predicate, All):
        return [part for child in predicate.children for part in _conjuncts(child)]
    return [predicate]


def _is_settled(predicate: Predicate) -> bool:
    """Whether it means the same at every time and place."""
    return all(part.value.constant and not OPERATORS[part.operator].clock for part in comparisons(predicate))


def _test(parts: Iterable[Predicate]) -> Test | None:
    settled = tuple(part for part in parts if _is_settled(part))
    return matcher(All(settled)) if settled else None


def _points(part: Predicate) -> Iterator[tuple[str, Hashable]]:
    """The field and each value of an equality or membership with scalars."""
    if isinstance(part, Compare) and part.operator in ("eq", "in") and part.value.constant:
        value = part.value({})
        values = value if part.operator == "in" else [value]
        if values and all(type(member) in _SCALARS for member in values):
            yield from dict.fromkeys((part.field, identity(member)) for member in values)


def _chosen(parts: Iterable[Predicate], frequency: Mapping[tuple[str, Hashable], int]) -> Compare | None:
    """The comparison that leaves the fewest predicates to test."""
    ranked = [(_rank(part, frequency), part) for part in parts if isinstance(part, Compare) and part.value.constant]
    usable = [(rank, part) for rank, part in ranked if rank is not None]
    return min(usable, key=lambda pair: pair[0])[1] if usable else None


def _rank(part: Compare, frequency: Mapping[tuple[str, Hashable], int]) -> tuple[int, int] | None:
    points = list(_points(part))
    if points:
        return 0, sum(frequency[point] for point in points)
    value = part.value({})
    if part.operator == "starts_with" and value:
        return 1, -len(value)
    return (2, 0) if part.operator in _BOUNDS and type(value) in NUMBER_TYPES else None


def _filed_under(part: Compare) -> Iterator[tuple[_Slot, Any]]:
    points = list(_points(part))
    if points:
        yield from ((("point", field), value) for field, value in points)
    else:
        yield (part.operator, part.field), part.value({})


def _by_point(filed: Iterable[tuple[Hashable, _Entry[Any]]]) -> _Lookup:
    table: dict[Hashable, list[_Entry[Any]]] = defaultdict(list)
    for value, entry in filed:
        table[value].append(entry)
    return lambda value: table.get(identity(value), ())


def _by_prefix(filed: Iterable[tuple[str, _Entry[Any]]]) -> _Lookup:
    table: dict[str, list[_Entry[Any]]] = defaultdict(list)
    for prefix, entry in filed:
        table[prefix].append(entry)
    lengths = sorted({len(prefix) for prefix in table})

    def lookup(value: Any) -> Iterable[_Entry[Any]]:
        if type(value) is not str:
            return ()
        fitting = lengths[: bisect_right(lengths, len(value))]
        return (entry for length in fitting for entry in table.get(value[:length], ()))

    return lookup


def _by_bound(*, above: bool, inclusive: bool) -> Callable[[Iterable[tuple[Any, _Entry[Any]]]], _Lookup]:
    def build(filed: Iterable[tuple[Any, _Entry[Any]]]) -> _Lookup:
        bounds = _Bounds(filed, above=above, inclusive=inclusive)
        return lambda value: bounds.entries(value) if type(value) in NUMBER_TYPES else ()

    return build


_BOUNDS: Final = {
    "gt": _by_bound(above=True, inclusive=False),
    "gte": _by_bound(above=True, inclusive=True),
    "lt": _by_bound(above=False, inclusive=False),
    "lte": _by_bound(above=False, inclusive=True),
}
_LOOKUPS: Final[Mapping[str, Callable[[Iterable[tuple[Any, _Entry[Any]]]], _Lookup]]] = {
    "point": _by_point,
    "starts_with": _by_prefix,
    **_BOUNDS,
}
