"""The tree of a filter object. One tree, two back ends: closures over rows here, SQL in the connectors (PIP-06)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps_engine.language.templates import Template


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a field (`customer.email` goes into nested objects) with a rendered value.

    `bare` marks `{"id": "{{ ids }}"}`: no operator was written, so a list that is rendered there means `in`. `path` is
    the JSON Pointer into the filter object as it was written.
    """

    field: str
    operator: str
    value: Template
    bare: bool = False
    path: str = dataclasses.field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """Every child holds; without children it always holds."""

    children: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801
    """At least one child holds; without children it never holds."""

    children: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold."""

    child: Predicate


Predicate = Compare | All | Any_ | Not


def comparisons(predicate: Predicate) -> Iterator[Compare]:
    """Every comparison of a predicate, in the order in which they were written."""
    if isinstance(predicate, Compare):
        yield predicate
    elif isinstance(predicate, Not):
        yield from comparisons(predicate.child)
    else:
        for child in predicate.children:
            yield from comparisons(child)


def source_of(predicate: Predicate) -> dict[str, Any]:
    """The predicate as a filter object in its canonical form; parsing it gives the same tree."""
    if isinstance(predicate, Compare):
        value = predicate.value.source
        return {predicate.field: value if predicate.bare else {predicate.operator: value}}
    if isinstance(predicate, Not):
        return {"not": source_of(predicate.child)}
    if predicate == All(()):
        return {}
    return {"and" if isinstance(predicate, All) else "or": [source_of(child) for child in predicate.children]}
