"""Functions of expressions, for people who write formulas (LNG-04). Each is a filter, written before its value.

`round(x, 2)` is `x | round: 2`, and `max(a, b)` is `[a, b] | max`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from apps_engine.language.cursor import Cursor
from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.filters import FILTERS
from apps_engine.language.nodes import Filtered, Listing, Node
from apps_engine.language.suggestions import did_you_mean
from apps_engine.language.tokens import Token


@dataclass(frozen=True, slots=True)
class Function:
    """One function: the filter that does it, how many arguments it takes, and whether several of them are a list."""

    filter: str
    example: str
    most: int = 1
    gathers: bool = False


FUNCTIONS: Final = {
    "round": Function("round", "round(total / 3, 2)", most=2),
    "ceil": Function("ceil", "ceil(total / 3)"),
    "floor": Function("floor", "floor(total / 3)"),
    "abs": Function("abs", "abs(balance)"),
    "len": Function("length", "len(items)"),
    "min": Function("min", "min(a, b)", gathers=True),
    "max": Function("max", "max(a, b)", gathers=True),
    "sum": Function("sum", "sum(amounts)", gathers=True),
}


def suggest_function(name: str) -> str:
    """A hint for a name that is no function."""
    if name in FILTERS:
        return f"Filters follow their value: `value | {name}`."
    return did_you_mean(name, FUNCTIONS) or f"There are {', '.join(sorted(FUNCTIONS))}; filters follow their value."


def call(cursor: Cursor, name: Token) -> Node:
    """Read the arguments of a function behind its opening parenthesis; raises TemplateSyntaxError."""
    function = FUNCTIONS[name.value]
    known = FILTERS[function.filter]
    cursor.findings.count(name.position)
    cursor.findings.add_filter(known.name)
    arguments = cursor.listed(")")
    if not arguments or (len(arguments) > function.most and not function.gathers):
        message = f"`{name.value}` cannot take {len(arguments)} values."
        raise TemplateSyntaxError("wrong_argument_count", message, f"For example: {function.example}", name.position)
    subject, *others = arguments
    if function.gathers and others:
        subject, others = Listing(arguments, 1 + max(argument.depth for argument in arguments)), []
    depth = 1 + max(node.depth for node in (subject, *others))
    return Filtered(subject, known, tuple(others), name.position, depth)
