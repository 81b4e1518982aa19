"""Trees to closures `(scope) -> value`, so that nothing is parsed or looked up by name at run time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from apps_engine.language import arithmetic, comparison
from apps_engine.language.errors import LanguageError, MissingValue, TemplateSyntaxError
from apps_engine.language.filters.application import Given, apply, filtered_text, makes_text_of_text
from apps_engine.language.interpolation import ShortText, interpolated, text_of, text_of_field
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
    Text,
    field_of,
    name_of,
)
from apps_engine.language.paths import read_path
from apps_engine.language.scope import Evaluate, Scope

Operation = Callable[[Any, Any], Any]

_ARITHMETIC: Final[dict[str, Operation]] = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "%": arithmetic.modulo,
}
_COMPARISONS: Final[dict[str, Operation]] = {
    "==": comparison.equal,
    "!=": lambda left, right: not comparison.equal(left, right),
    "<": lambda left, right: comparison.required_order(left, right) < 0,
    "<=": lambda left, right: comparison.required_order(left, right) <= 0,
    ">": lambda left, right: comparison.required_order(left, right) > 0,
    ">=": lambda left, right: comparison.required_order(left, right) >= 0,
    "in": comparison.within,
    "not in": lambda left, right: not comparison.within(left, right),
    "contains": lambda left, right: comparison.within(right, left),
}


def compile_node(node: Node) -> Evaluate:
    """The closure of a tree. Raises TemplateSyntaxError for what a constant already makes impossible."""
    return _COMPILERS[type(node)](node)


def _literal(node: Literal) -> Evaluate:
    value = node.value
    return lambda scope: value


def _path(node: Path) -> Evaluate:
    segments = tuple(segment if isinstance(segment, str | int) else compile_node(segment) for segment in node.segments)
    return read_path(node.root, segments)


def _text(node: Text) -> Evaluate:
    pieces: list[str | tuple[Evaluate, str]] = []
    texts: list[ShortText] = []
    for piece in node.pieces:
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        evaluate = compile_node(piece)
        pieces.append((evaluate, name_of(piece)))
        texts.append(_short_text(piece, evaluate))
    return interpolated(pieces, texts)


def _short_text(node: Node, evaluate: Evaluate) -> ShortText:
    """The closure of a placeholder, which `evaluate` is otherwise, for the short way."""
    field = field_of(node)
    if field is not None:
        return text_of_field(*field, name_of(node))
    if isinstance(node, Filtered) and not node.arguments and makes_text_of_text(node.filter):
        subject = field_of(node.subject)
        if subject is not None:
            return filtered_text(node.filter, compile_node(node.subject), name_of(node.subject), subject)
    return text_of(evaluate, name_of(node))


def _listing(node: Listing) -> Evaluate:
    items = tuple(map(compile_node, node.items))
    return lambda scope: [item(scope) for item in items]


def _group(node: Group) -> Evaluate:
    return compile_node(node.inner)


def _negative(node: Negative) -> Evaluate:
    operand = compile_node(node.operand)
    return lambda scope: arithmetic.negate(operand(scope))


def _binary(node: Arithmetic | Comparison, operation: Operation) -> Evaluate:
    left, right = compile_node(node.left), compile_node(node.right)

    def evaluate(scope: Scope) -> Any:
        first, second = left(scope), right(scope)
        try:
            return operation(first, second)
        except MissingValue as error:
            name = name_of(node.left if first is None else node.right)
            raise MissingValue(
                name, f"`{{path}}` is null, which `{node.operator}` does not take.", error.hint
            ) from error

    return evaluate


def _all_of(node: Logic) -> Evaluate:
    operands = tuple(map(compile_node, node.operands))
    return lambda scope: all(comparison.truth(operand(scope)) for operand in operands)


def _any_of(node: Logic) -> Evaluate:
    operands = tuple(map(compile_node, node.operands))
    return lambda scope: any(comparison.truth(operand(scope)) for operand in operands)


def _negation(node: Negation) -> Evaluate:
    operand = compile_node(node.operand)
    return lambda scope: not comparison.truth(operand(scope))


def _filtered(node: Filtered) -> Evaluate:
    subject = compile_node(node.subject)
    given = tuple(Given(compile_node(argument), isinstance(argument, Literal)) for argument in node.arguments)
    try:
        return apply(node.filter, subject, given, name_of(node.subject))
    except LanguageError as error:
        raise TemplateSyntaxError(error.code, error.message, error.hint, node.position) from error


_COMPILERS: Final[dict[type, Callable[[Any], Evaluate]]] = {
    Literal: _literal,
    Path: _path,
    Text: _text,
    Listing: _listing,
    Group: _group,
    Negative: _negative,
    Arithmetic: lambda node: _binary(node, _ARITHMETIC[node.operator]),
    Comparison: lambda node: _binary(node, _COMPARISONS[node.operator]),
    Logic: lambda node: (_all_of if node.operator == "and" else _any_of)(node),
    Negation: _negation,
    Filtered: _filtered,
}
