"""Filter objects: every field, operator and value of them fits what is filtered (PIP-02, LNG-06)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from apps_engine.language.catalogue import ConnectorSpec
from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import instant_or_none
from apps_engine.language.kinds import Kind, described, described_kinds, kind_of
from apps_engine.language.predicates import All, Compare, Predicate, comparisons, read_predicate
from apps_engine.language.static_types import Origin, Type
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.scope import Fault, follow
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.vocabulary import Vocabulary

# Operators whose value is one value of the field's own kind.
_ALIKE = frozenset({"eq", "ne", "gt", "gte", "lt", "lte"})
_MANY = frozenset({"in", "not_in", "between"})
_HOLD_FOR_NULL = frozenset({"ne", "not_in", "not_contains"})


@dataclass(frozen=True, slots=True)
class Filterable:
    """What a filter object may name: `field` tells a field's type or why there is none, `operators` what it admits."""

    field: Callable[[str], Type | str]
    known: Callable[[], Iterator[str]]
    noun: str
    operators: Mapping[str, frozenset[str]] | None = None


def rows_of(connector: ConnectorSpec, vocabulary: Vocabulary) -> Filterable:
    """The rows of a connector."""
    types = vocabulary.row(connector).fields

    def field(name: str) -> Type | str:
        return types.get(name, "")

    return Filterable(field, lambda: iter(types), connector.noun, connector.operators)


def values_of(start: Type, noun: str) -> Filterable:
    """A value of a known type: an event's payload or a row; fields may be dotted paths."""

    def field(name: str) -> Type | str:
        reached = follow(start, noun, name.split("."))
        return reached.segment if isinstance(reached, Fault) and isinstance(reached.segment, str) else _found(reached)

    return Filterable(field, lambda: _paths(start), noun)


def _found(reached: Any) -> Type | str:
    return "" if isinstance(reached, Fault) else reached.type


def _paths(start: Type, prefix: str = "", depth: int = 3) -> Iterator[str]:
    for name, inner in start.fields.items():
        yield prefix + name
        if depth:
            yield from _paths(inner, f"{prefix}{name}.", depth - 1)


def fields_present(predicate: Predicate) -> frozenset[str]:
    """The fields that are not null in whatever matches: only negative operators and `eq null` hold for null."""
    children = predicate.children if isinstance(predicate, All) else (predicate,)
    return frozenset(child.field for child in children if isinstance(child, Compare) and _needs_value(child))


def _needs_value(compare: Compare) -> bool:
    if compare.operator in _HOLD_FOR_NULL:
        return False
    if compare.operator in ("eq", "exists"):
        return compare.value.constant and bool(compare.value({}))
    return True


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a filter object says of the rows that match: the fields that are not null, and who decided which match."""

    present: frozenset[str] = frozenset()
    origin: int = Origin.PLATFORM


def check_predicate(source: Any, at: str, what: Filterable, reader: Reader) -> Narrowing:
    """Report every fault of a filter object; `reader` checks the templates among its values."""
    if not isinstance(source, dict | list):
        return Narrowing()
    predicate, errors = read_predicate(source)
    for error in errors:
        reader.findings.refused(at + error.path, error)
    origin = max((_check(compare, at + compare.path, what, reader) for compare in comparisons(predicate)), default=0)
    return Narrowing(fields_present(predicate), origin)


def _check(compare: Compare, at: str, what: Filterable, reader: Reader) -> int:
    """Report the faults of a comparison; who wrote its value, or whose choice the field holds."""
    rendered, found = reader.value(compare.value.source, at), what.field(compare.field)
    _check_field(compare, at, what, found, rendered, reader)
    return max(rendered.tainted, rendered.picked, 0 if isinstance(found, str) else found.picked)


def _check_field(
    compare: Compare, at: str, what: Filterable, found: Type | str, rendered: Type, reader: Reader
) -> None:
    if isinstance(found, str):
        hint = reader.findings.suggest(compare.field, what.known()) or f"Known: {', '.join(islice(what.known(), 20))}."
        reader.findings.add(at, "unknown_field", f"{what.noun} has no field `{compare.field}`.", hint)
        return
    if what.operators is not None and compare.operator not in what.operators.get(compare.field, frozenset()):
        _not_admitted(compare, at, what, reader.findings)
    elif compare.value.constant:
        _check_constant(compare, at, found, reader.findings)
    elif compare.operator in _ALIKE and not (compare.bare and rendered.kind is Kind.LIST):
        _check_kind(rendered.kind, at, found, compare.field, reader.findings)


def _not_admitted(compare: Compare, at: str, what: Filterable, findings: Findings) -> None:
    admitted = sorted((what.operators or {}).get(compare.field, ()))
    hint = f"Possible: {', '.join(admitted)}." if admitted else "Filter by another field, or in a transform."
    message = f"`{compare.field}` of {what.noun} cannot be compared by `{compare.operator}`."
    findings.add(at, "operator_not_admitted", message, hint)


def _check_constant(compare: Compare, at: str, found: Type, findings: Findings) -> None:
    try:
        value = compare.value({})
    except LanguageError as error:
        findings.refused(at, error)
        return
    values = value if compare.operator in _MANY and isinstance(value, list) else [value]
    if compare.operator in _ALIKE | _MANY:
        for one in values:
            _check_value(one, at, found, compare.field, findings)


def _check_value(value: Any, at: str, found: Type, field: str, findings: Findings) -> None:
    if value is None:
        return
    if found.kind is Kind.INSTANT and isinstance(value, str) and instant_or_none(value) is None:
        hint = "Write it as 2026-11-21 or 2026-11-21T09:00:00Z."
        findings.add(at, "wrong_type", f"`{field}` is a date or time, and {value[:40]!r} is none.", hint)
        return
    if _differs(kind_of(value), found.kind):
        message = f"`{field}` is {described_kinds((found.kind,))}, so it never equals {described(value)}."
        findings.add(at, "wrong_type", message, "Write a value of the same kind.")


def _check_kind(kind: Kind, at: str, found: Type, field: str, findings: Findings) -> None:
    if kind is not Kind.NULL and _differs(kind, found.kind):
        wanted, given = described_kinds((found.kind,)), described_kinds((kind,))
        findings.add(at, "wrong_type", f"`{field}` is {wanted}, but this renders {given}.")


def _differs(given: Kind, wanted: Kind) -> bool:
    texts = (Kind.TEXT, Kind.INSTANT)
    if Kind.ANY in (given, wanted) or (given in texts and wanted in texts):
        return False
    return given is not wanted
