"""`docs/filters.md`: every template filter with an example, and the functions of formulas (LNG-02, LNG-03)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from apps_engine.api.documents.markdown import code, page, section, sentence, table
from apps_engine.language.filters import FILTERS
from apps_engine.language.filters.record import REQUIRED, Argument, Filter
from apps_engine.language.functions import FUNCTIONS
from apps_engine.language.jsontext import dumps

_ABOUT = (
    "Filters change a value in a template: `{{ value | filter: argument, argument }}`. Every example here is a test. "
    "What a filter cannot use is an error that says so, never an empty text."
)


def filters_document() -> str:
    """Every filter with what it takes, what it makes and an example."""
    by_group = groupby(FILTERS.values(), key=lambda known: known.group)
    groups = [section(group.capitalize(), _table(members)) for group, members in by_group]
    functions = table(
        ("function", "example", "is the filter"),
        ((code(name), code(known.example), code(known.filter)) for name, known in FUNCTIONS.items()),
    )
    about = "In formulas and conditions these filters may be written before their value."
    return page("Template filters", _ABOUT, *groups, section("Functions", about, functions))


def _table(members: Iterable[Filter]) -> str:
    rows = ((code(_written(known)), _kinds(known), sentence(known.summary), _example(known)) for known in members)
    return table(("filter", "takes, makes", "what it does", "example"), rows)


def _written(known: Filter) -> str:
    arguments = ", ".join(map(_argument, known.arguments))
    return f"{known.name}: {arguments}" if arguments else known.name


def _argument(argument: Argument) -> str:
    name = f"{argument.name} ..." if argument.repeated else argument.name
    return name if argument.default is REQUIRED and not argument.repeated else f"[{name}]"


def _kinds(known: Filter) -> str:
    taken = " or ".join(kind.value for kind in known.subject)
    return f"{taken} → {known.result.value}"


def _example(known: Filter) -> str:
    template, scope, result = known.example
    given = f" with {code(dumps(scope))}" if scope else ""
    return f"{code(template)}{given} → {code(dumps(result))}"
