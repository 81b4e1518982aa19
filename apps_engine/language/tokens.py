"""Text to tokens, in one pass from left to right.

A template is text with `{{ }}` placeholders; a placeholder is tokens; a text literal among them may again be text with
placeholders. So the scanner nests as the source does, and every position is an offset in characters into the source.
The characters `{{` themselves are written as a literal of their own: `{{ '{{' }}`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from apps_engine.language.bounds import DIGITS, LITERAL_NESTING, TEMPLATE_BYTES
from apps_engine.language.errors import TemplateSyntaxError

OPEN: Final = "{{"
CLOSE: Final = "}}"


class TokenKind(StrEnum):
    """What a token is; the value of TEXT and PLACEHOLDER is their own pieces or tokens."""

    NAME = "name"
    ALIAS = "alias"
    NUMBER = "number"
    TEXT = "text"
    OPERATOR = "operator"
    PLACEHOLDER = "placeholder"
    END = "end"


class Token(NamedTuple):
    """One token; `position` and `end` delimit it in the source."""

    kind: TokenKind
    value: Any
    position: int
    end: int


Piece = str | Token  # of a template: text, or a token of kind PLACEHOLDER

_SPACE: Final = re.compile(r"\s+")
_FOREIGN_SYMBOL: Final = re.compile(r"&&|\|\||\*\*|//")
# What most tokens are, each with the space before it; of the operators those that mean something as they stand.
_COMMON: Final = re.compile(
    r"\s*(?:([^\W\d]\w*)|([0-9]+(?:\.[0-9]+)?)|(\$\w*)|(==|!=|<=|>=|\|(?!\|)|\*(?!\*)|/(?!/)|[-+%<>()\[\].,:]))"
)
_KINDS: Final = (TokenKind.END, TokenKind.NAME, TokenKind.NUMBER, TokenKind.ALIAS, TokenKind.OPERATOR)
_DIGITS: Final = _KINDS.index(TokenKind.NUMBER)
_PLAIN: Final = {
    None: re.compile(r"(?:[^{]+|\{(?!\{))+"),
    "'": re.compile(r"(?:[^{'\\]+|\{(?!\{))+"),
    '"': re.compile(r'(?:[^{"\\]+|\{(?!\{))+'),
}
_STATEMENT: Final = re.compile(r"\{%-?\s*[a-z]")
_ESCAPES: Final = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}
_FOREIGN: Final = {
    "=": "To compare write `==`.",
    "&&": "Write `and`.",
    "||": "Write `or`.",
    "!": "Write `not`.",
    "?": "Choose with the filter: `condition | ternary: 'a', 'b'`.",
    "**": "There are no powers; write `x * x`.",
    "//": "Write `x / y | floor`.",
    "{": "Objects cannot be written here.",
    "}": "A placeholder ends with `}}`.",
}


def scan_template(source: str) -> tuple[Piece, ...]:
    """The pieces of a template: its text and its placeholders. Raises TemplateSyntaxError."""
    _refuse_source(source)
    statement = _STATEMENT.search(source)
    if statement:
        raise TemplateSyntaxError(
            "unsupported_statement",
            "There are no `{% %}` statements.",
            "Choose with `| ternary:`, repeat with an `each` step.",
            statement.start(),
        )
    return _Scanner(source).pieces(None, 0, 0)


def scan_condition(source: str) -> tuple[Token, ...]:
    """The tokens of a condition; a placeholder in it is one token. Raises TemplateSyntaxError."""
    _refuse_source(source)
    return _Scanner(source).tokens(None, 0)


def _refuse_source(source: str) -> None:
    try:
        size = len(source.encode())
    except UnicodeEncodeError as error:
        raise TemplateSyntaxError(
            "bad_character", "The text holds half of a character.", "Write the whole character.", error.start
        ) from error
    if size > TEMPLATE_BYTES:
        raise TemplateSyntaxError(
            "template_too_long", f"The text has more than {TEMPLATE_BYTES // 1024} KiB.", "Split it."
        )


class _Scanner:
    def __init__(self, source: str) -> None:
        self.source = source
        self.index = 0

    def pieces(self, quote: str | None, start: int, nesting: int) -> tuple[Piece, ...]:
        """Text and placeholders up to the closing quote, or to the end of the source."""
        pieces: list[Piece] = []
        while True:
            plain = _PLAIN[quote].match(self.source, self.index)
            if plain:
                pieces.append(plain[0])
                self.index = plain.end()
            if self.index >= len(self.source):
                if quote is None:
                    return tuple(pieces)
                raise TemplateSyntaxError("unclosed_text", "A text has no closing quote.", f"Add {quote}.", start)
            if self.source[self.index] == quote:
                self.index += 1
                return tuple(pieces)
            pieces.append(self._escape() if self.source[self.index] == "\\" else self._placeholder(nesting))

    def tokens(self, opened: int | None, nesting: int) -> tuple[Token, ...]:
        """Tokens up to the closing braces of the placeholder opened there, or to the end of a condition."""
        tokens: list[Token] = []
        while True:
            while match := _COMMON.match(self.source, self.index):
                tokens.append(_common(match))
                self.index = match.end()
            space = _SPACE.match(self.source, self.index)
            self.index = space.end() if space else self.index
            if self._at_end(opened):
                tokens.append(Token(TokenKind.END, "", self.index, self.index))
                self.index += 0 if opened is None else len(CLOSE)
                return tuple(tokens)
            tokens.append(self._token(opened, nesting))

    def _at_end(self, opened: int | None) -> bool:
        if self.index >= len(self.source):
            if opened is not None:
                raise TemplateSyntaxError(
                    "unclosed_placeholder",
                    "A placeholder has no closing braces.",
                    "Add `}}`; for the characters themselves write {{ '{{' }}.",
                    opened,
                )
            return True
        return opened is not None and self.source.startswith(CLOSE, self.index)

    def _token(self, opened: int | None, nesting: int) -> Token:
        source, start = self.source, self.index
        if source[start] in "'\"":
            return self._text(source[start], nesting)
        if source.startswith(OPEN, start):
            if opened is not None:
                raise TemplateSyntaxError(
                    "nested_placeholder",
                    "A placeholder stands inside another one.",
                    "Inside braces write the name alone, or put the inner one into a text literal.",
                    start,
                )
            return self._placeholder(nesting)
        foreign = _FOREIGN_SYMBOL.match(source, start)
        symbol = foreign[0] if foreign else source[start]
        raise TemplateSyntaxError(
            "unexpected_character", f"`{symbol}` has no meaning here.", _FOREIGN.get(symbol, ""), start
        )

    def _text(self, quote: str, nesting: int) -> Token:
        start = self.index
        self.index += 1
        if self.source.startswith(OPEN + quote, self.index):
            self.index += len(OPEN) + 1
            return Token(TokenKind.TEXT, (OPEN,), start, self.index)
        pieces = self.pieces(quote, start, nesting + 1)
        return Token(TokenKind.TEXT, pieces, start, self.index)

    def _placeholder(self, nesting: int) -> Token:
        start = self.index
        if nesting > LITERAL_NESTING:
            raise TemplateSyntaxError(
                "too_deep",
                f"Text literals with placeholders nest more than {LITERAL_NESTING} times.",
                "Render the inner text in a step of its own.",
                start,
            )
        self.index += len(OPEN)
        tokens = self.tokens(start, nesting)
        return Token(TokenKind.PLACEHOLDER, tokens, start, self.index)

    def _escape(self) -> str:
        following = self.source[self.index + 1 : self.index + 2]
        escaped = _ESCAPES.get(following)
        self.index += 1 if escaped is None else 2
        return "\\" if escaped is None else escaped


def _common(match: re.Match[str]) -> Token:
    group = match.lastindex or 0
    value, (start, end) = match[group], match.span(group)
    return Token(_KINDS[group], _number(value, start) if group == _DIGITS else value, start, end)


def _number(digits: str, position: int) -> int | Decimal:
    if len(digits.replace(".", "")) > DIGITS:
        raise TemplateSyntaxError(
            "too_many_digits", f"A number has more than {DIGITS} digits.", "Write it as a text.", position
        )
    return Decimal(digits) if "." in digits else int(digits)
