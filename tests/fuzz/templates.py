"""Random templates: of the grammar, so that most of them compile, with arguments that filters may like or not."""

from __future__ import annotations

from random import Random
from typing import Final

from apps_engine.language.filters import FILTERS
from apps_engine.language.filters.record import Argument
from apps_engine.language.functions import FUNCTIONS
from apps_engine.language.kinds import Kind
from tests.fuzz.scopes import NAMES, NUMBERS, SHORT_TEXTS

FIELDS: Final = ("xp", "id", "name", "at", "price", "team", "by", "by.email", "email", "a", "k", "tags", "gone")
_BY_KIND: Final = {
    Kind.LIST: ("items", "rows", "rows", "[3, 1, 2]", "member.tags", "['b', 'a']"),
    Kind.TEXT: ("text", "member.name", "'Ada Lovelace'", "when", "''"),
    Kind.INSTANT: ("when", "now", "'2026-11-21'", "rows[0].at", "member.at"),
    Kind.NUMBER: ("n", "member.xp", "3", "12.50", "member.price", "-7"),
    Kind.OBJECT: ("member", "rows[0]", "trigger", "state"),
    Kind.BOOLEAN: ("true", "n > 3", "a"),
    Kind.NULL: ("nothing", "null"),
    Kind.ANY: ("a", "b", "n", "text", "items", "rows", "member"),
}
_ARGUMENTS: Final = {
    "field": ("'xp'", "'by.email'", "'at'", "'-price'", "'gone'", "'name'"),
    "format": ("'%Y-%m-%d'", "'%-d %B'", "'%Q'", "text"),
    "zone": ("'UTC'", "'Europe/Zurich'", "'Mars/Olympus'", "text"),
    "period": ("'day'", "'week'", "'month'", "'year'", "'age'"),
    "unit": ("'days'", "'months'", "'year'", "'parsecs'"),
    "code": ("'USD'", "'JPY'", "'nope'"),
    "pattern": ("'a+'", "'(a|b)*c'", "'['", "'^.{1,50}$'", "text"),
    "separator": ("', '", "''", "','", "text"),
    "value or operator": ("'gte'", "'in'", "'matches'", "10", "'red'", "nothing"),
    "amount": ("3", "-1", "'7d'", "10000", "n"),
}
_OPERATORS: Final = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "and", "or")
_FILTERS: Final = tuple(FILTERS)


class Writer:
    """Writes one random source; `random` decides everything, so the same seed writes the same."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.left = random.choice((3, 10, 30, 80))

    def template(self, depth: int = 0) -> str:
        """Text with placeholders, or one placeholder alone."""
        if self.random.random() < 0.5:
            return f"{{{{ {self.pipeline(depth)} }}}}"
        pieces = [self.random.choice((self._plain(), f"{{{{ {self.pipeline(depth)} }}}}")) for _ in range(self._few(6))]
        return "".join(pieces)

    def condition(self) -> str:
        """An expression as in `when` or in a formula."""
        written = self.expression(0)
        return f"{{{{ {written} }}}} > {self._number()}" if self.random.random() < 0.2 else written

    def pipeline(self, depth: int) -> str:
        """A value and a chain of filters, chosen so that each takes what the one before gives, more often than not."""
        name = self._filter_for(None)
        subject = self._value_of(FILTERS[name].subject, depth)
        written = [subject]
        for _ in range(self.random.choice((0, 0, 1, 1, 1, 1, 2, 2, 3, 5, 16, 17))):
            written.append(self._call(name, depth))
            name = self._filter_for(FILTERS[name].result)
        return " | ".join(written)

    def expression(self, depth: int) -> str:
        """Operators, functions, parentheses, lists and literals."""
        self.left -= 1
        if depth > 6 or self.left < 0:
            return self._leaf()
        choice = self.random.random()
        if choice < 0.35:
            operator = self.random.choice(_OPERATORS)
            return f"{self.expression(depth + 1)} {operator} {self.expression(depth + 1)}"
        if choice < 0.45:
            return f"({self.expression(depth + 1)})"
        if choice < 0.55:
            return f"({self.pipeline(depth + 1)})"
        if choice < 0.6:
            return f"{self.random.choice(('not ', '-'))}{self.expression(depth + 1)}"
        if choice < 0.7:
            arguments = ", ".join(self.expression(depth + 1) for _ in range(self._few(3)))
            return f"{self.random.choice((*FUNCTIONS, 'nope'))}({arguments})"
        if choice < 0.75:
            return f"[{', '.join(self.expression(depth + 1) for _ in range(self._few(4)))}]"
        return self._leaf()

    def _leaf(self) -> str:
        return self.random.choice((self._path, self._path, self._number, self._literal, self._constant))()

    def _path(self) -> str:
        path = self.random.choice((*NAMES, "now", "gone", "$trigger", "$state", "$op.rows", "$op"))
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            field = self.random.choice(FIELDS)
            path += self.random.choice((f".{field}", "[0]", "[-1]", f"['{field}']", "[n]", f"[{self._number()}]"))
        return path

    def _number(self) -> str:
        if self.random.random() < 0.8:
            return self.random.choice(("0", "1", "2", "3", "7", "10", "0.5", "12.50", "100"))
        number = self.random.choice(NUMBERS[:40])
        return format(number, "f")[:60] if abs(number) < 10**60 else "9" * 41

    def _literal(self) -> str:
        if self.random.random() < 0.1 and self.left > 0:
            self.left -= 5
            return f"'{self.template(1)}'"
        text = self.random.choice(SHORT_TEXTS)
        quote = self.random.choice("'\"")
        return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote

    def _constant(self) -> str:
        return self.random.choice(("true", "false", "null", "[]"))

    def _plain(self) -> str:
        return self.random.choice(("Hi ", " and ", "{ ", "}", "\n", "é", "{% if %}", "x" * 50, " ", "}}"))

    def _few(self, most: int) -> int:
        return self.random.randint(0, most)

    def _filter_for(self, kind: Kind | None) -> str:
        """A filter that takes that kind, or any."""
        if kind is None or self.random.random() < 0.15:
            return self.random.choice(_FILTERS)
        fitting = _TAKING[kind]
        return self.random.choice(fitting or _FILTERS)

    def _value_of(self, kinds: tuple[Kind, ...], depth: int) -> str:
        if self.random.random() < 0.15 and depth < 4:
            return f"({self.expression(depth + 1)})"
        return self.random.choice(_BY_KIND[self.random.choice(kinds)])

    def _call(self, name: str, depth: int) -> str:
        known = FILTERS[name]
        arguments = [self._argument(argument, depth) for argument in known.arguments if not self._left_out(argument)]
        if self.random.random() < 0.03:
            arguments.append(self._leaf())
        if not arguments:
            return name
        if self.random.random() < 0.5:
            return f"{name}({', '.join(arguments)})"
        return (
            f"{name}: {self.random.choice((', ', ': ', ','))[0]} ".rstrip(": ,")
            + ": "
            + ", ".join(
                argument if argument[:1] in "'\"[(" or argument.isalnum() else f"({argument})" for argument in arguments
            )
        )

    def _left_out(self, argument: Argument) -> bool:
        optional = argument.default is None or isinstance(argument.default, str | int)
        return self.random.random() < (0.5 if optional else 0.02)

    def _argument(self, argument: Argument, depth: int) -> str:
        usual = _ARGUMENTS.get(argument.name)
        if usual is not None and self.random.random() < 0.8:
            return self.random.choice(usual)
        if depth < 3 and self.random.random() < 0.2:
            return f"({self.expression(depth + 2)})"
        return self.random.choice(_BY_KIND[self.random.choice(argument.accepts)])


def _taking(kind: Kind) -> tuple[str, ...]:
    alike = {Kind.TEXT, Kind.INSTANT} if kind in (Kind.TEXT, Kind.INSTANT) else {kind}
    if kind is Kind.ANY:
        return _FILTERS
    return tuple(name for name, known in FILTERS.items() if alike & set(known.subject))


_TAKING: Final = {kind: _taking(kind) for kind in Kind}

_SPLINTERS: Final = (
    "{{", "}}", "{", "}", "|", ":", ",", ".", "(", ")", "[", "]", "'", '"', "\\", "$", "$op.", " ", "\n", "+", "-",
    "*", "/", "%", "==", "=", "!", "&&", "and", "or", "not", "in", "0", "1", "9" * 41, "é", "\ud800", "\x00",
    "default", "| sort", "((((((((", "'{{", "}}'", "| replace: 'x', text", "[0]", "n", "a" * 300,
)  # fmt: skip


def mutated(source: str, random: Random) -> str:
    """The source with a few places broken: cut, doubled, moved, or with a splinter put in."""
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        start = random.randint(0, len(source))
        end = min(len(source), start + random.choice((0, 1, 1, 3, 10)))
        piece = source[start:end]
        replacement = random.choice(("", random.choice(_SPLINTERS), piece * random.choice((2, 3, 50)), piece[::-1]))
        source = source[:start] + replacement + source[end:]
    return source
