"""The static type of an expression: what `each` goes over, and whose text is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_engine.language.filters.record import Filter
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
from apps_engine.language.static_types import BOOLEAN, NUMBER, Type, at_path, joined, list_of

PathType = Callable[[Path], Type]

# Filters whose result is their subject with fewer items or in another order, and those that take one item of it.
_KEEPING = frozenset({"take", "slice", "reverse", "unique", "compact", "sort", "sort_by", "where", "reject"})
_PICKING = frozenset({"first", "last"})
# Of their arguments one is the result; which one is for the condition to say, and the author listed them all.
_CHOOSING = frozenset({"ternary"})
_NO_TEXT = frozenset({Kind.BOOLEAN})


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
    return list_of(joined(items), len(items)) if items else Type(Kind.LIST, most=0)


def named_fields(node: Node, path_type: PathType) -> Iterator[tuple[Type, str]]:
    """Every field that a filter of the expression names in its list, with the type of that list's items."""
    if isinstance(node, Filtered):
        name = _field_name(node)
        if name is not None:
            yield expression_type(node.subject, path_type).element, name
    for part in parts_of(node):
        yield from named_fields(part, path_type)


def mixing(node: Node, path_type: PathType, of_many: Callable[[str], bool]) -> int:
    """Who wrote what an expression holds against the items of a loop or of a list, one by one.

    `of_many` tells the names that stand for an item. What reads no item is the same for all of them.
    """
    return _mixing(node, path_type, of_many).chosen


@dataclass(frozen=True, slots=True)
class _Mixed:
    """Who chooses among the items so far, whether an item is read, and who wrote what else is read."""

    chosen: int = 0
    item: bool = False
    beside: int = 0


def _mixing(node: Node, path_type: PathType, of_many: Callable[[str], bool]) -> _Mixed:
    parts = [_mixing(part, path_type, of_many) for part in parts_of(node)]
    item, beside = any(part.item for part in parts), max((part.beside for part in parts), default=0)
    if isinstance(node, Path) and of_many(node.root):
        item = True
    elif isinstance(node, Path):
        found = expression_type(node, path_type)
        beside = max(found.tainted, found.picked)
    chosen = max((part.chosen for part in parts), default=0)
    mixes = item and isinstance(node, Arithmetic | Comparison | Filtered)
    return _Mixed(max(chosen, beside) if mixes else chosen, item, beside)


def paths_of(node: Node) -> Iterator[Path]:
    """Every path that an expression reads."""
    if isinstance(node, Path):
        yield node
    for part in parts_of(node):
        yield from paths_of(part)


def parts_of(node: Node) -> Sequence[Node]:
    """What an expression is put together from."""
    if isinstance(node, Filtered):
        return (node.subject, *node.arguments)
    if isinstance(node, Path | Text):
        pieces = node.segments if isinstance(node, Path) else node.pieces
        return [piece for piece in pieces if not isinstance(piece, str | int)]
    if isinstance(node, Arithmetic | Comparison):
        return (node.left, node.right)
    return _INSIDE[type(node)](node)


_INSIDE: Mapping[type, Callable[[Any], Sequence[Node]]] = {
    Literal: lambda node: (),
    Listing: lambda node: node.items,
    Group: lambda node: (node.inner,),
    Negative: lambda node: (node.operand,),
    Negation: lambda node: (node.operand,),
    Logic: lambda node: node.operands,
}


def _field_name(node: Filtered) -> str | None:
    """The field that a filter for lists of objects names, where it is written out."""
    place = _FIELD_PLACES.get(node.filter.name)
    if place is None:
        place = _FIELD_PLACES[node.filter.name] = _field_place(node.filter)
    argument = node.arguments[place] if 0 <= place < len(node.arguments) else None
    return argument.value if isinstance(argument, Literal) and isinstance(argument.value, str) else None


_FIELD_PLACES: dict[str, int] = {}


def _field_place(declared: Filter) -> int:
    names = [argument.name for argument in declared.arguments]
    return names.index("field") if "field" in names and Kind.LIST in declared.subject else -1


def _literal(node: Literal, path_type: PathType) -> Type:
    return value_type(node.value)


def _path(node: Path, path_type: PathType) -> Type:
    """What a path leads to; an index that somebody else wrote decides which value that is."""
    found = path_type(node)
    if node.depth == 1:
        return found
    indexes = [expression_type(part, path_type) for part in node.segments if not isinstance(part, str | int)]
    chosen = max((max(index.tainted, index.picked) for index in indexes), default=0)
    return found.marked(selected=chosen)


def _text(node: Text, path_type: PathType) -> Type:
    pieces = [expression_type(piece, path_type) for piece in node.pieces if not isinstance(piece, str)]
    return _made_of(Kind.TEXT, pieces)


def _listing(node: Listing, path_type: PathType) -> Type:
    return common_list([expression_type(item, path_type) for item in node.items])


def _group(node: Group, path_type: PathType) -> Type:
    return expression_type(node.inner, path_type)


def _negative(node: Negative, path_type: PathType) -> Type:
    return _made_of(Kind.NUMBER, [expression_type(node.operand, path_type)])


def _arithmetic(node: Arithmetic, path_type: PathType) -> Type:
    return _made_of(NUMBER.kind, [expression_type(node.left, path_type), expression_type(node.right, path_type)])


def _truth(node: Node, path_type: PathType) -> Type:
    return BOOLEAN


def _made_of(kind: Kind, parts: Sequence[Type]) -> Type:
    """A value that is worked out from others. Of true and false no text is left."""
    if kind in _NO_TEXT:
        return Type(kind)
    return Type(kind, untrusted=max(part.tainted for part in parts), selected=max(part.picked for part in parts))


def _filtered(node: Filtered, path_type: PathType) -> Type:
    subject = expression_type(node.subject, path_type)
    arguments = [expression_type(argument, path_type) for argument in node.arguments]
    name, kind = node.filter.name, node.filter.result
    if subject.kind is Kind.LIST and name in _KEEPING | _PICKING:
        kept = _shortened(subject, node) if name in _KEEPING else replace(subject.element, nullable=True)
        field = _field_name(node)
        by = 0 if field is None else at_path(subject.element, field).picked
        return kept.marked(selected=max([by, *(max(one.tainted, one.picked) for one in arguments)]))
    if node.filter.rescues:
        last = all(one.nullable or one.kind is Kind.NULL for one in arguments)
        return replace(joined([subject, *arguments]), nullable=last, optional=False)
    if name in _CHOOSING:
        return joined(arguments)
    field = _field_name(node)
    if subject.kind is Kind.LIST and field is not None and subject.element.fields:
        read = at_path(subject.element, field)
        if name == "pluck":
            return list_of(read, subject.most)
        if kind in (Kind.NUMBER, Kind.ANY):
            return _made_of(kind, [read, *arguments])
    return _made_of(kind, [subject, *arguments])


def _shortened(subject: Type, node: Filtered) -> Type:
    """What a filter keeps of a list: with a number written out no more than that."""
    count = node.arguments[0] if node.filter.name == "take" and node.arguments else None
    if not isinstance(count, Literal) or not isinstance(count.value, int):
        return subject
    return replace(subject, most=count.value if subject.most is None else min(subject.most, count.value))


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
