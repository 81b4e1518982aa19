"""Random filter objects, in their canonical form, in their sugar, and broken."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from apps_engine.language.operators import OPERATORS, SUGAR
from tests.fuzz.scopes import NUMBERS, SHORT_TEXTS
from tests.fuzz.templates import FIELDS, Writer

_NAMES: Final = (*OPERATORS, *SUGAR, "$gt", "$in", "$and", "nope", "")
_PATTERNS: Final = ("a", "^a+$", "(a|b)*c", "[", "(?=a)", "\\p{L}{50}", "a{1000}", ".*", "(x+x+)+y", "\ud800")


def predicate(random: Random, depth: int = 0) -> Any:
    """A filter object of any shape; a few are none at all."""
    choice = random.random()
    if depth < random.choice((1, 3, 5, 18)) and choice < 0.35:
        combinator = random.choice(("and", "or", "not", "$or", "$not"))
        if "not" in combinator:
            return {combinator: predicate(random, depth + 1)}
        return {combinator: [predicate(random, depth + 1) for _ in range(random.choice((0, 1, 2, 3, 20)))]}
    if choice < 0.45:
        pair = {"field": random.choice(FIELDS), random.choice(("op", "operator")): random.choice(_NAMES)}
        return [{**pair, "value": value(random)} for _ in range(random.choice((1, 2, 300)))]
    if choice < 0.5:
        return random.choice((*NUMBERS, *SHORT_TEXTS, None, [], {}))
    return {random.choice((*FIELDS, "a b", "")): test(random) for _ in range(random.choice((0, 1, 2, 4)))}


def test(random: Random) -> Any:
    """What is asked of one field: a bare value, or operators with theirs."""
    if random.random() < 0.25:
        return value(random)
    return {name: operand(name, random) for name in random.sample(_NAMES, random.choice((0, 1, 1, 2)))}


test.__test__ = False  # type: ignore[attr-defined]


def operand(name: str, random: Random) -> Any:
    """A value that the operator takes, more often than not."""
    if random.random() < 0.2:
        return value(random)
    plain = name.removeprefix("$")
    if plain in ("in", "not_in", "nin"):
        return [
            random.choice((*NUMBERS[:20], *SHORT_TEXTS))
            for _ in range(random.choice((0, 1, 1, 2, 2, 3, 3, 5, 5, 5, 5, 20, 200, 10_000, 10_001)))
        ]
    if plain == "between":
        return [random.choice(NUMBERS), random.choice(NUMBERS)]
    if plain in ("matches", "regex"):
        return random.choice(_PATTERNS)
    if plain in ("within_last", "older_than"):
        return random.choice(("7d", "0d", "36525d", "99999999d", "soon", "{{ text }}"))
    return random.choice((True, False)) if plain == "exists" else value(random)


def value(random: Random) -> Any:
    """A value, or a template that renders one."""
    if random.random() < 0.3:
        return Writer(random).template()
    return random.choice((*NUMBERS[:30], *SHORT_TEXTS, None, True, [1, "a"], {"a": 1}))
