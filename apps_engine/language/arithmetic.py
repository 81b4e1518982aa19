"""Exact arithmetic on int and Decimal: 40 digits, 28 for a quotient that does not end, never a float (LNG-04).

The contexts are local to this module; no caller's decimal context has any influence.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from apps_engine.language.bounds import DIGITS, DIVISION_DIGITS
from apps_engine.language.errors import MissingValue, NumberError, WrongType
from apps_engine.language.kinds import NUMBER_TYPES, described

Number = int | Decimal

INTEGER_LIMIT: Final = 10**DIGITS
_TRAPS: Final = [InvalidOperation, DivisionByZero, Overflow]
_EXACT: Final = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-DIGITS, Emax=DIGITS - 1, traps=_TRAPS)
_QUOTIENT: Final = Context(prec=DIVISION_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-DIGITS, Emax=DIGITS - 1, traps=_TRAPS)


def add(left: Any, right: Any) -> Number:
    """The sum."""
    _both_numbers("+", left, right)
    if type(left) is int and type(right) is int:
        return bounded(left + right)
    return _decimal(_EXACT.add, left, right)


def subtract(left: Any, right: Any) -> Number:
    """The difference."""
    _both_numbers("-", left, right)
    if type(left) is int and type(right) is int:
        return bounded(left - right)
    return _decimal(_EXACT.subtract, left, right)


def multiply(left: Any, right: Any) -> Number:
    """The product."""
    _both_numbers("*", left, right)
    if type(left) is int and type(right) is int:
        return bounded(bounded(left) * bounded(right))
    return _decimal(_EXACT.multiply, left, right)


def divide(left: Any, right: Any) -> Number:
    """The quotient: an integer where two integers divide evenly, else a decimal of up to 28 digits."""
    _both_numbers("/", left, right)
    _refuse_zero(right)
    if type(left) is int and type(right) is int:
        quotient, rest = divmod(bounded(left), bounded(right))
        if not rest:
            return quotient
    return _decimal(_QUOTIENT.divide, left, right)


def modulo(left: Any, right: Any) -> Number:
    """The rest of a division, with the sign of the divisor: `-7 % 3` is 2."""
    _both_numbers("%", left, right)
    _refuse_zero(right)
    if type(left) is int and type(right) is int:
        return bounded(left) % bounded(right)
    rest = _decimal(_EXACT.remainder, left, right)
    return _decimal(_EXACT.add, rest, right) if rest and (rest < 0) != (right < 0) else rest


def negate(value: Any) -> Number:
    """The number with the other sign."""
    if type(value) not in NUMBER_TYPES:
        raise WrongType(f"`-` takes a number, not {described(value)}.")
    number = bounded(value)
    return -number if isinstance(number, int) else _EXACT.minus(number)


def bounded(number: Number) -> Number:
    """The number itself; raises NumberError when it has more digits than the language keeps."""
    if not isinstance(number, Decimal):
        if -INTEGER_LIMIT < number < INTEGER_LIMIT:
            return number
    elif number.is_finite() and -DIGITS <= number.adjusted() < DIGITS and _digits(number) <= DIGITS:
        return number
    elif not number:
        return Decimal(0)
    raise _too_many_digits()


def _decimal(operation: Callable[[Any, Any], Decimal], left: Number, right: Number) -> Decimal:
    try:
        return operation(left, right)
    except DecimalException as error:
        raise _too_many_digits() from error


def _digits(number: Decimal) -> int:
    """At most how many digits the number has; the written form is much faster to get than the exact count."""
    written = len(str(number))
    return written if written <= DIGITS else len(number.as_tuple().digits)


def _both_numbers(symbol: str, left: Any, right: Any) -> None:
    if type(left) in NUMBER_TYPES and type(right) in NUMBER_TYPES:
        return
    wrong = right if type(left) in NUMBER_TYPES else left
    if wrong is None:
        raise MissingValue("null", f"`{symbol}` takes numbers, not null.", "Put `default` before it.")
    hint = "To join texts write them side by side: `{{ a }} {{ b }}`." if isinstance(wrong, str) else ""
    raise WrongType(f"`{symbol}` takes numbers, not {described(wrong)}.", hint or "Use `to_number` where it fits.")


def _refuse_zero(divisor: Number) -> None:
    if not divisor:
        raise NumberError("division_by_zero", "A division by zero has no result.", "Check the divisor with `when`.")


def _too_many_digits() -> NumberError:
    return NumberError("too_many_digits", f"A number has more than {DIGITS} digits.", "Round before going on.")
