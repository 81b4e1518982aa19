"""What stands between operators: values, paths, texts, lists and parentheses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from apps_engine.language.arithmetic import negate
from apps_engine.language.cursor import LOOSEST, NOT, UNARY, Cursor
from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.functions import FUNCTIONS, call, suggest_function
from apps_engine.language.nodes import Group, Listing, Literal, Negation, Negative, Node, Path
from apps_engine.language.references import Reference
from apps_engine.language.suggestions import did_you_mean
from apps_engine.language.tokens import Token, TokenKind

RESERVED_NAMES: Final = frozenset({"and", "or", "not", "in", "contains", "true", "false", "null"})

_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_ALIASES: Final = ("$trigger", "$state", "$op")


def operand(cursor: Cursor) -> Node:
    """Read one operand; raises TemplateSyntaxError when none comes."""
    token = cursor.take()
    reader = _READERS.get(token.value if token.kind is TokenKind.OPERATOR else token.kind)
    if reader is None:
        raise cursor.unexpected(token)
    return reader(cursor, token)


def _name(cursor: Cursor, token: Token) -> Node:
    if token.value == "not":
        inner = cursor.expression(NOT)
        return Negation(inner, 1 + inner.depth)
    if token.value in _CONSTANTS:
        return Literal(_CONSTANTS[token.value])
    if token.value in RESERVED_NAMES:
        raise cursor.unexpected(token, "It is an operator and stands between two values.")
    if cursor.sees("("):
        return _function(cursor, token)
    return _path(cursor, token.value, token.position)


def _function(cursor: Cursor, token: Token) -> Node:
    if token.value not in FUNCTIONS:
        message = f"There is no function `{token.value}`."
        raise TemplateSyntaxError("unknown_function", message, suggest_function(token.value), token.position)
    cursor.take()
    return call(cursor, token)


def _alias(cursor: Cursor, token: Token) -> Node:
    if token.value not in _ALIASES:
        hint = did_you_mean(token.value, _ALIASES) or "Leave out the `$`."
        raise TemplateSyntaxError("unknown_alias", f"`{token.value}` stands for nothing.", hint, token.position)
    if token.value != "$op":
        return _path(cursor, token.value[1:], token.position)
    step = _segment(cursor)
    if not isinstance(step, str):
        hint = "Write `$op.name`."
        raise TemplateSyntaxError("unknown_alias", "`$op` needs the name of an output.", hint, token.position)
    return _path(cursor, step, token.position)


def _path(cursor: Cursor, root: str, position: int) -> Node:
    first_reference = len(cursor.findings.references)
    cursor.findings.count(position)
    segments: list[str | int | Node] = []
    while (segment := _segment(cursor)) is not None:
        segments.append(segment)
    known = tuple(segment if isinstance(segment, str | int) else None for segment in segments)
    cursor.findings.references.insert(first_reference, Reference(root, known, position))
    depth = 1 + max((segment.depth for segment in segments if not isinstance(segment, str | int)), default=0)
    return Path(root, tuple(segments), position, depth)


def _segment(cursor: Cursor) -> str | int | Node | None:
    """The next `.name` or `[...]` of a path; None where the path ends."""
    if cursor.skip("."):
        name = cursor.take()
        if name.kind is TokenKind.NAME:
            return str(name.value)
        hint = f"Write `[{name.value}]`." if name.kind is TokenKind.NUMBER else "After a dot comes a name."
        raise cursor.unexpected(name, hint)
    position = cursor.current.position
    if not cursor.skip("["):
        return None
    index = cursor.expression(LOOSEST)
    cursor.expect("]", "`[` is closed by `]`.")
    if not isinstance(index, Literal):
        return index
    if type(index.value) is not str and type(index.value) is not int:
        hint = "Write `[0]` or `['key']`."
        raise TemplateSyntaxError("bad_index", "An index is a whole number or a text.", hint, position)
    return index.value


def _group(cursor: Cursor, token: Token) -> Node:
    inner = cursor.expression(LOOSEST)
    cursor.expect(")", "`(` is closed by `)`.")
    return Group(inner, 1 + inner.depth)


def _placeholder(cursor: Cursor, token: Token) -> Node:
    inner = cursor.placeholder(token.value)
    return Group(inner, 1 + inner.depth)


def _listing(cursor: Cursor, token: Token) -> Node:
    items = cursor.listed("]")
    return Listing(items, 1 + max((item.depth for item in items), default=0))


def _negative(cursor: Cursor, token: Token) -> Node:
    inner = cursor.expression(UNARY)
    if isinstance(inner, Literal) and (type(inner.value) is int or type(inner.value) is Decimal):
        return Literal(negate(inner.value))
    return Negative(inner, 1 + inner.depth)


_READERS: Final[dict[str, Callable[[Cursor, Token], Node]]] = {
    TokenKind.NUMBER: lambda cursor, token: Literal(token.value),
    TokenKind.TEXT: lambda cursor, token: cursor.template(token.value),
    TokenKind.NAME: _name,
    TokenKind.ALIAS: _alias,
    TokenKind.PLACEHOLDER: _placeholder,
    "(": _group,
    "[": _listing,
    "-": _negative,
}
