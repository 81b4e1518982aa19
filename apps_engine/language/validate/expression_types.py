"""The static type of an expression: what `each` goes over, and whether a member's text is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps_engine.language.kinds import Kind, kind_of
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
)
from apps_engine.language.static_types import BOOLEAN, NUMBER, Type, at_path, list_of

PathType = Callable[[Path], Type]

# Filters whose result is their subject with fewer items or in another order, and those that take one item of it.
_KEEPING = frozenset({"take", "slice", "reverse", "unique", "compact", "sort", "sort_by", "where", "reject"})
_PICKING = frozenset({"first", "last"})


def expression_type(node: Node, path_type: PathType) -> Type:
    """The type of an expression, given those of its paths."""
    return _BY_NODE[type(node)](node, path_type)


def value_type(value: Any) -> Type:
    """The type of a constant."""
    kind = kind_of(value)
    if kind is Kind.LIST:
        return common_list([value_type(item) for item in value])
    if kind is Kind.OBJECT:
        return Type(Kind.OBJECT, {key: value_type(part) for key, part in value.items()}, open=False)
    return Type(kind)


def common_list(items: Sequence[Type]) -> Type:
    """The type of a list written out: its items have what they have in common."""
    if len(items) == 1:
        return list_of(items[0], 1)
    kind = items[0].kind if len({item.kind for item in items}) == 1 else Kind.ANY
    return list_of(Type(kind, untrusted=any(item.tainted for item in items)), len(items))


def _literal(node: Literal, path_type: PathType) -> Type:
    return value_type(node.value)


def _path(node: Path, path_type: PathType) -> Type:
    return path_type(node)


def _text(node: Text, path_type: PathType) -> Type:
    pieces = [expression_type(piece, path_type) for piece in node.pieces if not isinstance(piece, str)]
    return Type(Kind.TEXT, untrusted=any(piece.tainted for piece in pieces))


def _listing(node: Listing, path_type: PathType) -> Type:
    return common_list([expression_type(item, path_type) for item in node.items])


def _group(node: Group, path_type: PathType) -> Type:
    return expression_type(node.inner, path_type)


def _negative(node: Negative, path_type: PathType) -> Type:
    return replace(NUMBER, untrusted=expression_type(node.operand, path_type).tainted)


def _arithmetic(node: Arithmetic, path_type: PathType) -> Type:
    operands = (expression_type(node.left, path_type), expression_type(node.right, path_type))
    return replace(NUMBER, untrusted=any(operand.tainted for operand in operands))


def _truth(node: Node, path_type: PathType) -> Type:
    return BOOLEAN


def _filtered(node: Filtered, path_type: PathType) -> Type:
    subject = expression_type(node.subject, path_type)
    name = node.filter.name
    if name in _KEEPING and subject.kind is Kind.LIST:
        return subject
    if name in _PICKING and subject.kind is Kind.LIST:
        return replace(subject.element, nullable=True)
    if name == "pluck" and isinstance(node.arguments[0], Literal) and isinstance(node.arguments[0].value, str):
        return list_of(at_path(subject.element, node.arguments[0].value), subject.most)
    arguments = [expression_type(argument, path_type) for argument in node.arguments]
    untrusted = any(part.tainted for part in (subject, *arguments))
    if node.filter.rescues and len({subject.kind, *(argument.kind for argument in arguments)}) == 1:
        return replace(subject, nullable=any(argument.nullable for argument in arguments), untrusted=untrusted)
    return Type(node.filter.result, untrusted=untrusted)


_BY_NODE: Mapping[type, Callable[[Any, PathType], Type]] = {
    Literal: _literal,
    Path: _path,
    Text: _text,
    Listing: _listing,
    Group: _group,
    Negative: _negative,
    Arithmetic: _arithmetic,
    Comparison: _truth,
    Logic: _truth,
    Negation: _truth,
    Filtered: _filtered,
}
