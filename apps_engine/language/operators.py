"""The operators of filter objects: what each takes, what it tests, how it reads.

A null or missing value satisfies only `eq null`, `exists: false` and the negative operators, which are exact
complements; values of different kinds are never equal and have no order. The same table serves the filter `where`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from apps_engine.language.bounds import LIST_ITEMS
from apps_engine.language.comparison import equal, identities, identity, order
from apps_engine.language.durations import parse_duration
from apps_engine.language.errors import BoundExceeded, InvalidValue, WrongType
from apps_engine.language.kinds import Kind, described, kind_of
from apps_engine.language.patterns import Pattern, compile_pattern
from apps_engine.language.suggestions import closest

Test = Callable[[Any, Any], bool]


def _anything(expected: Any) -> None:
    kind_of(expected)


def _as_it_is(expected: Any) -> Any:
    return expected


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    `check(expected)` raises a LanguageError for a value that it cannot take; `prepare(expected)` makes once what
    `test(actual, prepared)` needs. `phrase` completes "<field> ... <value>". An operator of the `clock` is resolved to
    an instant and another operator before it tests.
    """

    name: str
    phrase: str
    test: Test
    check: Callable[[Any], None] = _anything
    prepare: Callable[[Any], Any] = _as_it_is
    clock: bool = False


def _ordered(relation: Callable[[int], bool]) -> Test:
    def test(actual: Any, expected: Any) -> bool:
        found = order(actual, expected)
        return found is not None and relation(found)

    return test


def _not(positive: Test) -> Test:
    return lambda actual, expected: not positive(actual, expected)


def _in(actual: Any, members: frozenset[Any]) -> bool:
    return actual is not None and identity(actual) in members


def _contains(actual: Any, expected: Any) -> bool:
    if type(actual) is str:
        return type(expected) is str and expected in actual
    return type(actual) is list and any(equal(item, expected) for item in actual)


def _starts_with(actual: Any, expected: str) -> bool:
    return type(actual) is str and actual.startswith(expected)


def _ends_with(actual: Any, expected: str) -> bool:
    return type(actual) is str and actual.endswith(expected)


def _matches(actual: Any, pattern: Pattern) -> bool:
    return type(actual) is str and pattern.matches(actual)


def _exists(actual: Any, expected: bool) -> bool:
    return (actual is not None) is expected


def _between(actual: Any, bounds: list[Any]) -> bool:
    least, most = order(actual, bounds[0]), order(actual, bounds[1])
    return least is not None and most is not None and least >= 0 >= most


def _never(actual: Any, expected: Any) -> bool:
    raise AssertionError("an operator of the clock is resolved by bind before it tests")


def _takes(*kinds: Kind) -> Callable[[Any], None]:
    def check(expected: Any) -> None:
        if kind_of(expected) not in kinds:
            wanted = " or ".join(kind.value for kind in kinds)
            raise WrongType(f"The value is of kind {wanted}, not {described(expected)}.")

    return check


_orderable = _takes(Kind.NUMBER, Kind.TEXT)


def _check_list(expected: Any) -> None:
    _takes(Kind.LIST)(expected)
    if len(expected) > LIST_ITEMS:
        raise BoundExceeded("list_too_long", f"A list has at most {LIST_ITEMS} items.", "Ask in several steps.")
    if None in expected:
        raise InvalidValue("null_in_list", "null is in no list.", 'Add an alternative: {"or": [..., {"field": null}]}.')


def _check_pattern(expected: Any) -> None:
    _takes(Kind.TEXT)(expected)
    compile_pattern(expected)


def _check_bounds(expected: Any) -> None:
    _takes(Kind.LIST)(expected)
    if len(expected) != 2 or order(*expected) is None:
        raise InvalidValue("bad_bounds", "`between` takes two numbers, texts or dates.", "Write [10, 20].")


def _check_duration(expected: Any) -> None:
    _takes(Kind.TEXT)(expected)
    parse_duration(expected)


def _members(expected: list[Any]) -> frozenset[Any]:
    return frozenset(identities(expected))


_TABLE: Final = (
    Operator("eq", "is", equal),
    Operator("ne", "is not", _not(equal)),
    Operator("gt", "is more than", _ordered(lambda found: found > 0), _orderable),
    Operator("gte", "is at least", _ordered(lambda found: found >= 0), _orderable),
    Operator("lt", "is less than", _ordered(lambda found: found < 0), _orderable),
    Operator("lte", "is at most", _ordered(lambda found: found <= 0), _orderable),
    Operator("in", "is one of", _in, _check_list, _members),
    Operator("not_in", "is none of", _not(_in), _check_list, _members),
    Operator("contains", "contains", _contains, _takes(Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN)),
    Operator("not_contains", "does not contain", _not(_contains), _takes(Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN)),
    Operator("starts_with", "starts with", _starts_with, _takes(Kind.TEXT)),
    Operator("ends_with", "ends with", _ends_with, _takes(Kind.TEXT)),
    Operator("matches", "matches the pattern", _matches, _check_pattern, compile_pattern),
    Operator("exists", "exists:", _exists, _takes(Kind.BOOLEAN)),
    Operator("between", "is between", _between, _check_bounds),
    Operator("within_last", "is within the last", _never, _check_duration, clock=True),
    Operator("older_than", "is longer ago than", _never, _check_duration, clock=True),
)

OPERATORS: Final[dict[str, Operator]] = {operator.name: operator for operator in _TABLE}

# What other query languages call them; a leading `$` has been cut off.
SUGAR: Final[dict[str, str]] = {
    "=": "eq",
    "==": "eq",
    "equals": "eq",
    "!=": "ne",
    "not_equals": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "nin": "not_in",
    "regex": "matches",
}


def known_operator(name: str) -> Operator | None:
    """The operator of that name or of its sugar (`$gt`, `>`)."""
    plain = name.removeprefix("$")
    return OPERATORS.get(SUGAR.get(plain, plain))


def suggest_operator(name: str, field: str = "") -> str:
    """A hint for a name that is no operator of the field."""
    near = closest(name.removeprefix("$"), (*OPERATORS, *SUGAR))
    if near:
        return f"Did you mean `{SUGAR.get(near, near)}`?"
    nested = f" A nested field is written `{field}.{name}`." if field and name.isidentifier() else ""
    return f"The operators are {', '.join(OPERATORS)}.{nested}"
