"""Filters for numbers. Halves round away from zero, as people expect of prices."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

from apps_engine.language.arithmetic import Number, bounded, multiply
from apps_engine.language.bounds import DIGITS
from apps_engine.language.errors import InvalidValue, NumberError
from apps_engine.language.filters.arguments import whole
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind, excerpt

NUMBER, TEXT = Kind.NUMBER, Kind.TEXT

_CONTEXT: Final = Context(prec=DIGITS)
_CODE: Final = re.compile(r"[A-Z]{3}")
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_DECIMALS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "JOD": 3, "OMR": 3, "TND": 3}
_DEFAULT_DECIMALS: Final = 2


def rounded(number: Number, decimals: int = 0) -> Number:
    """Rounded to so many decimals (tens and hundreds below zero), an int where no decimals remain."""
    if type(number) is int and decimals >= 0:
        return number
    result = _quantized(number, decimals, ROUND_HALF_UP)
    return result if decimals > 0 else int(result)


def _ceil(number: Number) -> int:
    return int(_quantized(number, 0, ROUND_CEILING))


def _floor(number: Number) -> int:
    return int(_quantized(number, 0, ROUND_FLOOR))


def _abs(number: Number) -> Number:
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def _quantized(number: Number, decimals: int, rounding: str) -> Decimal:
    """Raises NumberError for a result of more than 40 digits."""
    try:
        return Decimal(bounded(number)).quantize(Decimal((0, (1,), -decimals)), rounding, _CONTEXT)
    except InvalidOperation as error:
        raise NumberError(
            "too_many_digits", f"A number has more than {DIGITS} digits.", "Use fewer decimals."
        ) from error


def _grouped(number: Number, decimals: int | None) -> str:
    """With commas between thousands, and with exactly so many decimals where they are given."""
    shown = bounded(number) if decimals is None else _quantized(number, decimals, ROUND_HALF_UP)
    unsigned_zero = shown or _abs(shown)
    return format(unsigned_zero, ",f" if isinstance(shown, Decimal) else ",")


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
)
