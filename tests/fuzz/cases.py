"""One random case by its number: what is compiled, what it is rendered with, and how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from reprlib import Repr
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.language.jsontext import JsonTextError, loads
from apps_engine.language.predicates import bind, first_failure, matcher, parse_predicate
from apps_engine.language.templates import compile_condition, compile_expression, compile_template, compile_value
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column, row_maker
from tests.fuzz import scopes
from tests.fuzz.predicates import predicate
from tests.fuzz.templates import FIELDS, Writer, mutated

RENDERED = "rendered"


class _Short(Repr):
    def repr_int(self, x: int, level: int) -> str:
        """A huge number has no text."""
        return repr(x) if abs(x) < 10**100 else f"<a number of {x.bit_length()} bits>"


_SHORT = _Short()
_SHORT.maxstring = 300


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `run` compiles and renders, and tells the outcome: "rendered", or the code of the error."""

    number: int
    kind: str
    source: Any
    run: Callable[[], str]

    @property
    def shown(self) -> str:
        """The start of the source."""
        return _SHORT.repr(self.source)


def case(number: int, seed: int = 0) -> Case:
    """The case of that number; the same number and seed make the same case."""
    random = Random(f"{seed}:{number}")
    kind, make = random.choice(_KINDS)
    source, work = make(random)
    return Case(number, kind, source, lambda: _outcome(work))


def _outcome(work: Callable[[], object]) -> str:
    try:
        work()
    except (LanguageError, JsonTextError) as error:
        if not error.message.strip():
            raise ValueError(f"the error {error.code!r} has no message") from error
        return error.code
    return RENDERED


_Made = tuple[Any, Callable[[], object]]


def _template(random: Random) -> _Made:
    source, scope = Writer(random).template(), scopes.scope(random)
    return source, lambda: compile_template(source)(scope)


def _condition(random: Random) -> _Made:
    source, scope = Writer(random).condition(), scopes.scope(random)
    return source, lambda: compile_condition(source)(scope)


def _formula(random: Random) -> _Made:
    source, scope = Writer(random).condition(), scopes.scope(random)
    params = random.choice(
        ({}, {"decimals": 2}, {"distribute": 3}, {"decimals": scope.get("a"), "distribute": scope.get("n")})
    )
    apply = TRANSFORMS["calculate"].apply
    return source, lambda: apply(None, {"expression": compile_expression(source)(scope), **params}, None)


def _chain(random: Random) -> _Made:
    source, scope = f"{{{{ {Writer(random).pipeline(0)} }}}}", scopes.scope(random)
    return source, lambda: compile_template(source)(scope)


def _broken(random: Random) -> _Made:
    writer, scope = Writer(random), scopes.scope(random)
    compile_ = random.choice((compile_template, compile_condition, compile_value))
    source = mutated(writer.template() if random.random() < 0.7 else writer.condition(), random)
    return source, lambda: compile_(source)(scope)


def _noise(random: Random) -> _Made:
    letters = "{}|:,.()[]'\"\\$ +-*/%=<>!and notr0123456789abcé\n\t\u0000\U0001f600"
    source = "".join(random.choices(letters, k=random.choice((5, 40, 400))))
    compile_ = random.choice((compile_template, compile_condition))
    return source, lambda: compile_(source)(scopes.scope(random))


def _tree(random: Random) -> _Made:
    def node(depth: int) -> Any:
        choice = random.random()
        if depth > 3 or choice < 0.5:
            return random.choice((Writer(random).template(), 3, None, True, "plain"))
        if choice < 0.75:
            return [node(depth + 1) for _ in range(random.randint(0, 4))]
        return {name: node(depth + 1) for name in random.sample(FIELDS, random.randint(0, 4))}

    source, scope = node(0), scopes.scope(random)
    return source, lambda: compile_value(source)(scope)


def _filter_object(random: Random) -> _Made:
    source, scope = predicate(random), scopes.scope(random)
    rows = random.choice((scopes.LISTS[-3], scopes.LISTS[-4], scopes.OBJECTS))

    def work() -> None:
        bound = bind(parse_predicate(source), scope, scopes.NOW)
        test = matcher(bound)
        for row in rows[:100]:
            if isinstance(row, dict):
                test(row)
        if isinstance(rows[0], dict) and (first_failure(bound, rows[0]) is None) is not test(rows[0]):
            raise ValueError("a failure and a match, or neither")

    return source, work


def _link(random: Random) -> _Made:
    start = random.choice(("https://venmo.com", "https://wa.me/", "https://paypal.com/x?", "http://evil.com", ""))
    url = start + random.choice(("", "", random.choice(scopes.SHORT_TEXTS)))
    source = {
        "url": url,
        "path": random.choice(scopes.EVERYTHING),
        "query": random.choice((*scopes.OBJECTS, *scopes.SHORT_TEXTS)),
    }
    kept = {name: value for name, value in source.items() if name == "url" or random.random() < 0.6}
    return kept, lambda: TRANSFORMS["build_url"].apply(None, kept, None)


def _map(random: Random) -> _Made:
    writer, scope = Writer(random), scopes.scope(random)
    source = {name: writer.condition() for name in random.sample(FIELDS, 2)}
    rows = random.choice((scopes.LISTS[-3], scopes.LISTS[-4], scopes.LISTS[-2]))

    def work() -> None:
        columns = {name: compile_column(formula) for name, formula in source.items()}
        TRANSFORMS["map"].apply(rows[:3], {"keep": True}, row_maker(columns, scope))

    return source, work


def _json(random: Random) -> _Made:
    text = random.choice(('{"a": [1, "x\\u00e9", 1.50], "b": {"a": null}}', "[1, [2, [3]]]", '{"a": 1, "b": 2}'))
    source = mutated(text, random)
    return source, lambda: loads(source)


_KINDS: tuple[tuple[str, Callable[[Random], _Made]], ...] = (
    ("template", _template),
    ("template", _template),
    ("chain", _chain),
    ("chain", _chain),
    ("condition", _condition),
    ("formula", _formula),
    ("broken", _broken),
    ("broken", _broken),
    ("noise", _noise),
    ("tree", _tree),
    ("filter object", _filter_object),
    ("link", _link),
    ("map", _map),
    ("json", _json),
)
