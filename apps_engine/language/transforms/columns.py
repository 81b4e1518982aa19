"""Formulas over a row: what `map` computes for each of its fields.

A formula reads the fields of its row by their names, the row as a whole as `item`, and everything around the step. One
that is only a field, or a dotted path of fields, gives null where the row has none; any other is strict (LNG-07).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps_engine.language.bounds import FORMULA_CHARACTERS
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.scope import Scope
from apps_engine.language.templates import Template, compile_expression
from apps_engine.language.transforms.record import value_at
from apps_engine.language.work import WORK, begin, compared_since

ROW = "item"

RowMaker = Callable[[Mapping[str, Any]], dict[str, Any]]


def is_path(source: Any) -> bool:
    """Whether a formula is a dotted path of fields and nothing else."""
    return isinstance(source, str) and all(part.isidentifier() for part in source.split("."))


def compile_column(source: str) -> Template:
    """Compile a formula over a row; raises TemplateSyntaxError."""
    if is_path(source):
        return Template(source, (), (), False, lambda scope: value_at(scope[ROW], source))
    return compile_expression(source)


def row_maker(columns: Mapping[str, Template], scope: Scope) -> RowMaker:
    """What makes a new row of a row. The formulas of all rows together go over no more than one template may.

    Nor are all of them together longer than `FORMULA_CHARACTERS`, where each counts once for each row.
    """
    begin()
    start, length = WORK.compared, sum(len(str(column.source)) for column in columns.values())
    left = FORMULA_CHARACTERS

    def make(row: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal left
        left -= length
        if left < 0:
            message = "The formulas are too long for so many rows."
            raise BoundExceeded("too_much_work", message, "Take fewer rows, or work less out for each.")
        compared_since(start)
        inner = {**scope, **row, ROW: row}
        return {name: column.render(inner) for name, column in columns.items()}

    return make
