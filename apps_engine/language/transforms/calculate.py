"""Work out an expression, round it, split it (LNG-04; superpowers, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.arithmetic import bounded
from apps_engine.language.bounds import DIGITS, LIST_ITEMS
from apps_engine.language.errors import BoundExceeded, MissingValue, WrongType
from apps_engine.language.kinds import NUMBER_TYPES, described
from apps_engine.language.predicates import Predicate
from apps_engine.language.rounding import decimals_of, rounded, split_evenly
from apps_engine.language.static_types import NUMBER, UNKNOWN, Type, list_of
from apps_engine.language.transforms.record import TransformSpec, Types

_CENTS = 2


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> Any:
    """The value of the expression; with `decimals` rounded, with `distribute` shares that sum to it exactly."""
    value = params["expression"]
    if "decimals" not in params and "distribute" not in params:
        return value
    if value is None:
        raise MissingValue("expression", "The value of `{path}` is null.", "Put `default` into the expression.")
    if type(value) not in NUMBER_TYPES:
        raise WrongType(f"`calculate` rounds and splits numbers, not {described(value)}.")
    decimals = _decimals(params["decimals"]) if "decimals" in params else max(_CENTS, decimals_of(bounded(value)))
    if "distribute" not in params:
        return rounded(value, decimals)
    return split_evenly(value, _shares(params["distribute"]), decimals)


def _decimals(value: Any) -> int:
    number = _whole(value, "decimals")
    if not 0 <= number <= DIGITS:
        raise BoundExceeded("too_many_decimals", f"`decimals` is 0 to {DIGITS}.", "Give fewer.")
    return number


def _shares(value: Any) -> int:
    number = _whole(value, "distribute")
    if number < 1:
        hint = 'Share only where there is somebody: "when": "{{ members | length }} > 0".'
        raise BoundExceeded("negative_count", f"`distribute` cannot make {number} shares of something.", hint)
    return number


def _whole(value: Any, name: str) -> int:
    if type(value) in NUMBER_TYPES and abs(value) <= LIST_ITEMS and value == int(value):
        return int(value)
    message = f"`{name}` of `calculate` must be a whole number of at most {LIST_ITEMS}."
    raise WrongType(message, "A list has `{{ people | length }}` items.")


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    value = types.get("expression", UNKNOWN)
    number = replace(NUMBER, untrusted=value.tainted)
    if "distribute" in params:
        shares = params["distribute"]
        return list_of(number, shares if isinstance(shares, int) else None)
    return number if "decimals" in params else value


CALCULATE = TransformSpec(
    name="calculate",
    summary="Work out an expression: + - * / %, parentheses, filters, and round ceil floor min max sum len abs.",
    params={
        "type": "object",
        "properties": {
            "expression": {
                "type": ["string", "number"],
                "description": 'What to work out, with or without braces: "round({{ bill.total }} * 1.1, 2)".',
            },
            "decimals": {"type": "integer", "minimum": 0, "maximum": DIGITS, "description": "Round to so many."},
            "distribute": {
                "type": "integer",
                "minimum": 1,
                "maximum": LIST_ITEMS,
                "description": "Split the value into so many shares that sum to it exactly; 2 decimals if not given.",
            },
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
    expressions=("expression",),
    takes_rows=False,
)
