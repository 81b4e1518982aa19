"""Conditions and formulas in words; what has no plain words stays as it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.kinds import excerpt
from apps_engine.language.nodes import (
    Arithmetic,
    Comparison,
    Filtered,
    Group,
    Listing,
    Literal,
    Logic,
    Negation,
    Negative,
    Node,
    Path,
)
from apps_engine.language.references import Reference
from apps_engine.language.report.words import LENGTHS, code, field_words, reference_words
from apps_engine.language.templates import Template, compile_condition, compile_expression

_PHRASES: Final[Mapping[str, str]] = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "in": "is one of",
    "not in": "is none of",
    "contains": "contains",
}
_SPELLED: Final[Mapping[str, str]] = {"==": "eq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_SUMS: Final[Mapping[str, str]] = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
# Comparisons of a count with these say only whether there is anything.
_SOME = frozenset({(">", 0), (">=", 1), ("!=", 0)})
_NONE = frozenset({("==", 0), ("<", 1), ("<=", 0)})


class _NoWords(Exception):
    """The expression has a part that is clearer as it was written."""


def condition_words(condition: str | bool) -> str:
    """A condition in words: "the post's text is shorter than 40 characters"."""
    if isinstance(condition, bool):
        return excerpt(condition)
    try:
        return template_words(compile_condition(condition))
    except TemplateSyntaxError:
        return code(condition)


def formula_words(formula: Any) -> str:
    """A formula in words: "the input total times (1 plus the input tip percent divided by 100)"."""
    if not isinstance(formula, str):
        return excerpt(formula)
    try:
        return template_words(compile_expression(formula))
    except TemplateSyntaxError:
        return code(formula)


def template_words(template: Template) -> str:
    """What a template renders, in words."""
    try:
        return code(template.source) if template.node is None else _words(_outermost(template.node))
    except _NoWords:
        return code(template.source)


def _words(node: Node) -> str:
    words = _WORDS.get(type(node))
    if words is None:
        raise _NoWords
    return words(node)


def _literal(node: Literal) -> str:
    if isinstance(node.value, str):
        return f"“{excerpt(node.value)}”" if node.value else "empty"
    return "not set" if node.value is None else excerpt(node.value)


def _path(node: Path) -> str:
    named = tuple(segment for segment in node.segments if isinstance(segment, str | int))
    if len(named) < len(node.segments):
        raise _NoWords
    if not node.segments:
        return "now" if node.root == "now" else f"“{field_words(node.root)}”"
    return reference_words(Reference(node.root, named, node.position), ())


def _listing(node: Listing) -> str:
    return ", ".join(map(_words, node.items))


def _group(node: Group) -> str:
    inner = _words(node.inner)
    return f"({inner})" if isinstance(node.inner, Logic | Arithmetic) else inner


def _negative(node: Negative) -> str:
    return f"minus {_words(node.operand)}"


def _arithmetic(node: Arithmetic) -> str:
    if node.operator not in _SUMS:
        raise _NoWords
    return f"{_words(node.left)} {_SUMS[node.operator]} {_words(node.right)}"


def _logic(node: Logic) -> str:
    return f" {node.operator} ".join(map(_words, node.operands))


def _negation(node: Negation) -> str:
    return f"not ({_words(node.operand)})"


def _filtered(node: Filtered) -> str:
    if node.filter.name == "default":
        return _words(node.subject)
    if node.filter.name == "length":
        return f"the number of {_words(node.subject)}"
    name = node.arguments[0] if node.filter.name == "pluck" else None
    if isinstance(name, Literal) and isinstance(name.value, str):
        return f"the {field_words(name.value)} of each of {_words(node.subject)}"
    raise _NoWords


def _comparison(node: Comparison) -> str:
    right = node.right.value if isinstance(node.right, Literal) else None
    left = _bare(node.left)
    if _remainder(left) and right == 0 and node.operator in {"==", "!="}:
        return _multiple(left, node.operator)
    if isinstance(left, Filtered) and left.filter.name == "length" and isinstance(right, int):
        return _counted(_bare(left.subject), node.operator, right)
    if isinstance(left, Path) and _is_length(left) and node.operator in _SPELLED:
        return f"{_path(_measured(left))} {LENGTHS[_SPELLED[node.operator]].format(_words(node.right))}"
    return f"{_words(node.left)} {_PHRASES[node.operator]} {_words(node.right)}"


def _counted(subject: Node, operator: str, count: int) -> str:
    if (operator, count) in _SOME:
        return f"{_words(subject)} is not empty"
    if (operator, count) in _NONE:
        return f"{_words(subject)} is empty"
    return f"the number of {_words(subject)} {_PHRASES[operator]} {count}"


def _is_length(path: Path) -> bool:
    return bool(path.segments) and str(path.segments[-1]).endswith("_length")


def _measured(path: Path) -> Path:
    """What a field such as `body_length` tells the length of."""
    return Path(path.root, (*path.segments[:-1], str(path.segments[-1]).removesuffix("_length")), path.position)


def _remainder(node: Node) -> TypeGuard[Arithmetic]:
    return isinstance(node, Arithmetic) and node.operator == "%"


def _multiple(node: Arithmetic, operator: str) -> str:
    return f"{_words(node.left)} {_PHRASES[operator]} a multiple of {_words(node.right)}"


def _outermost(node: Node) -> Node:
    """The node without parentheses around the whole."""
    return _outermost(node.inner) if isinstance(node, Group) else node


def _bare(node: Node) -> Node:
    """The node without parentheses and without what stands in for it where it is missing."""
    while isinstance(node, Group) or (isinstance(node, Filtered) and node.filter.name == "default"):
        node = node.inner if isinstance(node, Group) else node.subject
    return node


_WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    Literal: _literal,
    Path: _path,
    Listing: _listing,
    Group: _group,
    Negative: _negative,
    Arithmetic: _arithmetic,
    Comparison: _comparison,
    Logic: _logic,
    Negation: _negation,
    Filtered: _filtered,
}
