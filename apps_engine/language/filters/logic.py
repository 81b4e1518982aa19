"""Filters that choose. They take closures, so that only what is chosen is evaluated and a missing value can be met."""

from __future__ import annotations

from typing import Any, Final

from apps_engine.language.comparison import truth
from apps_engine.language.errors import MissingValue
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind
from apps_engine.language.scope import Evaluate, Scope

ANY, NULL, BOOLEAN = Kind.ANY, Kind.NULL, Kind.BOOLEAN


def _default(subject: Evaluate, fallback: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Any:
        try:
            value = subject(scope)
        except MissingValue:
            return fallback(scope)
        return fallback(scope) if value is None or value == "" else value

    return evaluate


def _coalesce(*candidates: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Any:
        for candidate in candidates:
            try:
                value = candidate(scope)
            except MissingValue:
                continue
            if value is not None:
                return value
        raise MissingValue("coalesce", "`coalesce` found no value.", "End it with a constant.")

    return evaluate


def _ternary(condition: Evaluate, positive: Evaluate, negative: Evaluate) -> Evaluate:
    return lambda scope: (positive if truth(condition(scope)) else negative)(scope)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _not(value: Any) -> bool:
    return not truth(value)


FILTERS: Final = (
    Filter(
        "default",
        "logic",
        (ANY, NULL),
        (Argument("value", (ANY, NULL)),),
        ANY,
        "Another value in place of a missing one, null or an empty text.",
        ("Hi {{ member.nickname | default: 'there' }}", {"member": {}}, "Hi there"),
        _default,
        lazy=True,
        rescues=True,
    ),
    Filter(
        "coalesce",
        "logic",
        (ANY, NULL),
        (Argument("value", (ANY, NULL), repeated=True, optional=True),),
        ANY,
        "The first value that is there and not null.",
        ("{{ a | coalesce: b, 'none' }}", {"a": None, "b": "x"}, "x"),
        _coalesce,
        lazy=True,
        rescues=True,
    ),
    Filter(
        "ternary",
        "logic",
        (ANY, NULL, BOOLEAN),
        (Argument("if true", (ANY, NULL)), Argument("if false", (ANY, NULL))),
        ANY,
        "The first value where a condition holds, the second where not.",
        ("{{ n > 1 | ternary: '{{ n }} posts': 'one post' }}", {"n": 3}, "3 posts"),
        _ternary,
        lazy=True,
    ),
    Filter(
        "is_empty",
        "logic",
        (ANY, NULL),
        (),
        BOOLEAN,
        "Whether it is null, an empty text, list or object.",
        ("{{ xs | is_empty }}", {"xs": []}, True),
        _is_empty,
        cheap=True,
    ),
    Filter(
        "not",
        "logic",
        (ANY, NULL, BOOLEAN),
        (),
        BOOLEAN,
        "The opposite of a condition.",
        ("{{ sent | not }}", {"sent": False}, True),
        _not,
        cheap=True,
    ),
)
