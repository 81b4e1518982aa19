"""Putting parameters into the definition of a starter.

{"$param": name} becomes the value with its type; <<name>> inside a text becomes the value's text; an object that has
the member "$if": name is there, in its list or object, only where the parameter is neither false nor 0 nor empty.

It is done in one pass over the tree, so what a parameter holds is never looked at again. Free text may stand in a text
and as a whole value, and never where the language would read it as an expression: `uses` tells such places, and a test
holds every starter free of them. What free text may hold is checked with the other faults of a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps_engine.language.pointers import join

PARAMETER = "$param"
CONDITION = "$if"
_MENTION = re.compile(r"<<([a-z][a-z0-9_]*)>>")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# Members of a step, a trigger or a transform that hold an expression without braces.
_EXPRESSIONS = frozenset({"when", "until", "exit_when", "each", "from", "by", "fields"})


class UnknownParameter(LookupError):
    """A definition names a parameter that its starter does not declare."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a parameter stands: its name, a JSON Pointer, and whether it is read as an expression there."""

    name: str
    at: str
    as_code: bool


def filled(tree: Any, values: Mapping[str, Any]) -> Any:
    """The tree with every parameter replaced by its value; raises UnknownParameter."""
    if isinstance(tree, str):
        return _MENTION.sub(lambda found: _text(_value(found[1], values)), tree)
    if isinstance(tree, list):
        return [filled(item, values) for item in tree if _wanted(item, values)]
    if not isinstance(tree, dict):
        return tree
    if tree.keys() == {PARAMETER}:
        return _value(tree[PARAMETER], values)
    return {key: filled(item, values) for key, item in tree.items() if key != CONDITION and _wanted(item, values)}


def uses(tree: Any, at: str = "", *, in_expression: bool = False) -> Iterator[Use]:
    """Every place where a parameter stands."""
    if isinstance(tree, str):
        yield from _uses_in_text(tree, at, in_expression=in_expression)
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from uses(item, join(at, index), in_expression=in_expression)
    elif isinstance(tree, dict) and tree.keys() == {PARAMETER}:
        yield Use(tree[PARAMETER], at, in_expression)
    elif isinstance(tree, dict):
        for key, item in tree.items():
            if key == CONDITION:
                yield Use(item, join(at, key), False)
            else:
                yield from uses(item, join(at, key), in_expression=in_expression or key in _EXPRESSIONS)


def _uses_in_text(text: str, at: str, *, in_expression: bool) -> Iterator[Use]:
    code = [found.span() for found in _PLACEHOLDER.finditer(text)]
    for found in _MENTION.finditer(text):
        inside = any(start < found.start() < end for start, end in code)
        yield Use(found[1], at, in_expression or inside)


def _wanted(item: Any, values: Mapping[str, Any]) -> bool:
    return not isinstance(item, dict) or CONDITION not in item or bool(_value(item[CONDITION], values))


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise UnknownParameter(f"The definition names the parameter {name!r}, which is not declared.")
    return values[name]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
