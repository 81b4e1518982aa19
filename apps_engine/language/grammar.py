"""Tokens to a tree, by precedence climbing (Pratt 1973).

From loose to tight: filters, `or`, `and`, `not`, comparisons (which do not chain), `+ -`, `* / %`, unary `-`. A filter
takes everything on its left, and what follows it goes on: `a + b | round > 3` is `((a + b) | round) > 3`. An argument
after a colon is one operand; anything longer stands in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from apps_engine.language.bounds import EXPRESSION_DEPTH, FILTER_CHAIN
from apps_engine.language.cursor import AND, COMPARISON, FILTER, LOOSEST, OR, PRODUCT, SUM, UNARY, Cursor
from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.filters import FILTERS, suggest_filter
from apps_engine.language.filters.record import Filter
from apps_engine.language.kinds import Kind
from apps_engine.language.nodes import (
    Arithmetic,
    Comparison,
    Filtered,
    Literal,
    Logic,
    Negation,
    Node,
    Text,
)
from apps_engine.language.operands import operand
from apps_engine.language.references import Findings, Reference
from apps_engine.language.tokens import Piece, Token, TokenKind


def parse_pieces(pieces: tuple[Piece, ...], findings: Findings, level: int = 0) -> Node:
    """The tree of a template. One that is exactly one placeholder is that expression itself and keeps its type."""
    parsed = tuple(
        parse_tokens(piece.value, findings, level) if isinstance(piece, Token) else piece for piece in pieces
    )
    nodes = [piece for piece in parsed if not isinstance(piece, str)]
    if not nodes:
        return Literal("".join(piece for piece in parsed if isinstance(piece, str)))
    return nodes[0] if len(parsed) == 1 else Text(parsed, 1 + max(node.depth for node in nodes))


def parse_tokens(tokens: tuple[Token, ...], findings: Findings, level: int = 0) -> Node:
    """The tree of one whole expression. Raises TemplateSyntaxError."""
    parser = _Parser(tokens, findings, level)
    node = parser.expression(LOOSEST)
    if parser.current.kind is not TokenKind.END:
        raise parser.unexpected(parser.current)
    return node


class _Parser(Cursor):
    def expression(self, minimum: int) -> Node:
        self.level += 1
        _refuse_depth(self.level, self.current)
        first_reference = len(self.findings.references)
        filters = 0
        left = operand(self)
        while (power := _power(self.current)) > minimum:
            token = self.take()
            self.findings.count(token.position)
            if power == FILTER:
                filters += 1
                _refuse_long_chain(filters, token)
                left = _filtered(self, left, first_reference)
            else:
                left = _OPERATORS[token.value][1](self, left, token)
            _refuse_depth(left.depth, token)
        self.level -= 1
        return left

    def template(self, pieces: tuple[Piece, ...]) -> Node:
        return parse_pieces(pieces, self.findings, self.level)

    def placeholder(self, tokens: tuple[Token, ...]) -> Node:
        return parse_tokens(tokens, self.findings, self.level)


def _power(token: Token) -> int:
    """How tightly an operator binds; -1 for what is none."""
    if token.kind is not TokenKind.OPERATOR and token.kind is not TokenKind.NAME:
        return -1
    return FILTER if token.value == "|" else _OPERATORS.get(token.value, _NO_OPERATOR)[0]


def _refuse_depth(depth: int, token: Token) -> None:
    if depth > EXPRESSION_DEPTH:
        raise TemplateSyntaxError(
            "too_deep",
            f"The expression nests more than {EXPRESSION_DEPTH} operators, filters and parentheses.",
            "Compute a part of it in a step of its own.",
            token.position,
        )


def _refuse_long_chain(filters: int, token: Token) -> None:
    if filters > FILTER_CHAIN:
        raise TemplateSyntaxError(
            "too_many_filters",
            f"More than {FILTER_CHAIN} filters follow one another.",
            "Compute a part of it in a step of its own.",
            token.position,
        )


def _arithmetic(cursor: Cursor, left: Node, token: Token) -> Node:
    right = cursor.expression(_power(token))
    return Arithmetic(token.value, left, right, 1 + max(left.depth, right.depth))


def _comparison(cursor: Cursor, left: Node, token: Token) -> Node:
    if isinstance(left, Comparison):
        hint = "Write `1 < x and x < 5`."
        raise TemplateSyntaxError("chained_comparison", "Comparisons do not chain.", hint, token.position)
    operator = token.value
    if operator == "not":
        cursor.expect("in", "Between two values it is `not in`.")
        operator = "not in"
    right = cursor.expression(COMPARISON)
    return Comparison(operator, left, right, 1 + max(left.depth, right.depth))


def _logic(cursor: Cursor, left: Node, token: Token) -> Node:
    right = cursor.expression(_power(token))
    before = left.operands if isinstance(left, Logic) and left.operator == token.value else (left,)
    operands = (*before, right)
    return Logic(token.value, operands, 1 + max(operand.depth for operand in operands))


def _filtered(cursor: Cursor, subject: Node, first_reference: int) -> Node:
    """Read the name and arguments after a `|`; the references from `first_reference` on are those of the subject."""
    name = cursor.take()
    known = _known_filter(cursor, name)
    _refuse_ambiguity(subject, known, name)
    findings = cursor.findings
    findings.add_filter(known.name)
    if known.rescues:
        findings.make_optional(first_reference)
    if known.clock:
        findings.references.append(Reference("now", (), name.position))
    first_reference = len(findings.references)
    arguments = _arguments(cursor)
    if any(argument.optional for argument in known.arguments):
        findings.make_optional(first_reference)
    depth = 1 + max(node.depth for node in (subject, *arguments))
    return Filtered(subject, known, arguments, name.position, depth)


def _known_filter(cursor: Cursor, name: Token) -> Filter:
    if name.kind is not TokenKind.NAME:
        raise cursor.unexpected(name, "After `|` comes the name of a filter.")
    known = FILTERS.get(name.value)
    if known is None:
        message = f"There is no filter `{name.value}`."
        raise TemplateSyntaxError("unknown_filter", message, suggest_filter(name.value), name.position)
    return known


def _refuse_ambiguity(subject: Node, known: Filter, name: Token) -> None:
    """`a and b | length` would take the length of a truth: whoever writes it means another grouping."""
    if isinstance(subject, Comparison | Logic | Negation) and Kind.BOOLEAN not in known.subject:
        raise TemplateSyntaxError(
            "ambiguous_filter",
            f"`{known.name}` would apply to the whole condition on its left.",
            f"Put parentheses around what it is meant for: `(value | {known.name})`.",
            name.position,
        )


def _arguments(cursor: Cursor) -> tuple[Node, ...]:
    if cursor.skip("("):
        return cursor.listed(")")
    found: list[Node] = []
    while cursor.skip(":") or (found and cursor.skip(",")):
        found.append(cursor.expression(UNARY))
    return tuple(found)


_Reader = Callable[[Cursor, Node, Token], Node]

_OPERATORS: Final[dict[str, tuple[int, _Reader]]] = {
    "or": (OR, _logic),
    "and": (AND, _logic),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not", "contains"), (COMPARISON, _comparison)),
    **dict.fromkeys(("+", "-"), (SUM, _arithmetic)),
    **dict.fromkeys(("*", "/", "%"), (PRODUCT, _arithmetic)),
}
_NO_OPERATOR: Final[tuple[int, _Reader]] = (-1, _arithmetic)
