"""A cursor over the tokens of one expression."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from apps_engine.language.bounds import LIST_ITEMS
from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.nodes import Node
from apps_engine.language.references import Findings
from apps_engine.language.tokens import Piece, Token, TokenKind

# From loose to tight.
LOOSEST, FILTER, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY = range(9)

_UNWRITTEN: Final = {TokenKind.TEXT: "A text", TokenKind.PLACEHOLDER: "A placeholder"}


class Cursor(ABC):
    """Where the parser stands. `level` counts the expressions inside one another, `findings` what they read."""

    def __init__(self, tokens: tuple[Token, ...], findings: Findings, level: int) -> None:
        self.tokens = tokens
        self.findings = findings
        self.level = level
        self.index = 0

    @abstractmethod
    def expression(self, minimum: int) -> Node:
        """Read an expression whose operators bind tighter than `minimum`."""

    @abstractmethod
    def template(self, pieces: tuple[Piece, ...]) -> Node:
        """Read a text literal, which may hold placeholders."""

    @abstractmethod
    def placeholder(self, tokens: tuple[Token, ...]) -> Node:
        """Read a placeholder that stands in an expression."""

    @property
    def current(self) -> Token:
        """The next token; at the end it stays END."""
        return self.tokens[self.index]

    def take(self) -> Token:
        """The next token, and go past it."""
        token = self.current
        self.index += token.kind is not TokenKind.END
        return token

    def sees(self, symbol: str) -> bool:
        """Whether the next token is that operator or word."""
        return self.current.value == symbol and self.current.kind in (TokenKind.OPERATOR, TokenKind.NAME)

    def skip(self, symbol: str) -> bool:
        """Go past that operator or word if it is next."""
        seen = self.sees(symbol)
        self.index += seen
        return seen

    def expect(self, symbol: str, hint: str) -> None:
        """Go past that operator or word; raises TemplateSyntaxError when another token is next."""
        if not self.skip(symbol):
            raise self.unexpected(self.current, hint)

    def listed(self, closing: str) -> tuple[Node, ...]:
        """Expressions separated by commas, up to and with the closing bracket."""
        items: list[Node] = []
        while not self.skip(closing):
            position = self.current.position
            if items:
                self.expect(",", f"Items are separated by commas and end with `{closing}`.")
            if len(items) == LIST_ITEMS:
                message = f"A list has at most {LIST_ITEMS} items."
                raise TemplateSyntaxError("list_too_long", message, "Keep long lists in data.", position)
            items.append(self.expression(LOOSEST))
        return tuple(items)

    def unexpected(self, token: Token, hint: str = "") -> TemplateSyntaxError:
        """The error for a token that cannot stand where it does."""
        if token.kind is TokenKind.END:
            return TemplateSyntaxError("unexpected_end", "The expression is not complete.", hint, token.position)
        written = _UNWRITTEN.get(token.kind) or f"`{token.value}`"
        return TemplateSyntaxError("unexpected_token", f"{written} is not expected here.", hint, token.position)
