"""Filters for numbers. Halves round away from zero, as people expect of prices."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Final

from apps_engine.language.arithmetic import Number, bounded, multiply
from apps_engine.language.bounds import DIGITS
from apps_engine.language.errors import InvalidValue
from apps_engine.language.filters.arguments import at_least_one, whole
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind, excerpt
from apps_engine.language.rounding import decimals_of, quantized, rounded, split_evenly

NUMBER, TEXT, LIST = Kind.NUMBER, Kind.TEXT, Kind.LIST

_CODE: Final = re.compile(r"[A-Z]{3}")
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_DECIMALS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "JOD": 3, "OMR": 3, "TND": 3}
_DEFAULT_DECIMALS: Final = 2
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def _ceil(number: Number) -> int:
    return int(quantized(number, 0, ROUND_CEILING))


def _floor(number: Number) -> int:
    return int(quantized(number, 0, ROUND_FLOOR))


def _abs(number: Number) -> Number:
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def _grouped(number: Number, decimals: int | None) -> str:
    """With commas between thousands, and with exactly so many decimals where they are given."""
    shown = bounded(number) if decimals is None else quantized(number, decimals, ROUND_HALF_UP)
    unsigned_zero = shown or _abs(shown)
    return format(unsigned_zero, ",f" if isinstance(shown, Decimal) else ",")


def _clamp(number: Number, least: Number, most: Number) -> Number:
    if least > most:
        raise InvalidValue(
            "bad_bounds", f"Nothing lies between {excerpt(least)} and {excerpt(most)}.", "Give the smaller bound first."
        )
    return min(max(number, least), most)


def _ordinal(number: Number) -> str:
    place = whole(number)
    teens = 10 <= abs(place) % 100 <= 20
    return f"{place}{'th' if teens else _ENDINGS.get(abs(place) % 10, 'th')}"


def _split_evenly(total: Number, parts: int, decimals: int | None) -> list[Number]:
    """Without `decimals` two, as money has, or as many as the total has, so that the shares sum to it exactly."""
    if decimals is None:
        decimals = max(_DEFAULT_DECIMALS, decimals_of(bounded(total)))
    return split_evenly(total, parts, decimals)


def _percent(number: Number, decimals: int) -> str:
    return f"{_grouped(multiply(number, 100), decimals)}%"


def _currency(amount: Number, code: str) -> str:
    written = _grouped(amount, _DECIMALS.get(code, _DEFAULT_DECIMALS))
    sign = "-" if written.startswith("-") else ""
    return f"{sign}{_SYMBOLS.get(code, f'{code} ')}{written.removeprefix('-')}"


def _currency_code(code: str) -> str:
    if _CODE.fullmatch(code) is None:
        raise InvalidValue(
            "bad_currency", f"'{excerpt(code)}' is no currency code.", "Write USD, EUR or CHF (ISO 4217)."
        )
    return code


def _decimals(value: Any) -> int:
    if not -DIGITS <= value <= DIGITS:
        raise InvalidValue("too_many_decimals", f"A number has at most {DIGITS} decimals.", "Give fewer.")
    return whole(value)


def _no_fewer_than_zero(value: Any) -> int:
    if value < 0:
        raise InvalidValue("negative_count", "There are no fewer decimals than zero.", "Give zero or more.")
    return _decimals(value)


_ROUND_TO: Final = Argument("decimals", (NUMBER,), 0, _decimals)
_SHOW: Final = Argument("decimals", (NUMBER,), None, _no_fewer_than_zero)
_SHOW_WHOLE: Final = Argument("decimals", (NUMBER,), 0, _no_fewer_than_zero)
_N: Final = {"n": Decimal("1234.565")}

FILTERS: Final = (
    Filter(
        "round",
        "numbers",
        (NUMBER,),
        (_ROUND_TO,),
        NUMBER,
        "Rounded to so many decimals, halves away from zero.",
        ("{{ n | round: 2 }}", _N, Decimal("1234.57")),
        rounded,
    ),
    Filter(
        "ceil", "numbers", (NUMBER,), (), NUMBER, "The next whole number above.", ("{{ n | ceil }}", _N, 1235), _ceil
    ),
    Filter(
        "floor", "numbers", (NUMBER,), (), NUMBER, "The next whole number below.", ("{{ n | floor }}", _N, 1234), _floor
    ),
    Filter("abs", "numbers", (NUMBER,), (), NUMBER, "Without its sign.", ("{{ n | abs }}", {"n": -3}, 3), _abs),
    Filter(
        "number",
        "numbers",
        (NUMBER,),
        (_SHOW,),
        TEXT,
        "With commas between thousands, and so many decimals.",
        ("{{ n | number: 2 }}", _N, "1,234.57"),
        _grouped,
    ),
    Filter(
        "percent",
        "numbers",
        (NUMBER,),
        (_SHOW_WHOLE,),
        TEXT,
        "A share as a percentage.",
        ("{{ share | percent: 1 }}", {"share": Decimal("0.256")}, "25.6%"),
        _percent,
    ),
    Filter(
        "currency",
        "numbers",
        (NUMBER,),
        (Argument("code", (TEXT,), parse=_currency_code),),
        TEXT,
        "An amount of money with the decimals of its currency.",
        ("{{ n | currency: 'USD' }}", _N, "$1,234.57"),
        _currency,
    ),
    Filter(
        "clamp",
        "numbers",
        (NUMBER,),
        (Argument("least", (NUMBER,)), Argument("most", (NUMBER,))),
        NUMBER,
        "The number, or the nearer of two bounds where it lies beyond them.",
        ("{{ n | clamp: 0, 100 }}", {"n": 130}, 100),
        _clamp,
    ),
    Filter(
        "ordinal",
        "numbers",
        (NUMBER,),
        (),
        TEXT,
        "The number as a place in English: 1st, 2nd, 3rd.",
        ("{{ n | ordinal }}", {"n": 22}, "22nd"),
        _ordinal,
    ),
    Filter(
        "split_evenly",
        "numbers",
        (NUMBER,),
        (Argument("parts", (NUMBER,), parse=at_least_one), _SHOW),
        LIST,
        "A total as so many shares that sum to it exactly.",
        ("{{ total | split_evenly: 3 }}", {"total": 100}, [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]),
        _split_evenly,
    ),
)
