"""Rounding, and splitting a total so that nothing of it is lost (LNG-04).

Halves round away from zero, as people expect of prices.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Final

from apps_engine.language.arithmetic import Number, bounded
from apps_engine.language.bounds import DIGITS
from apps_engine.language.errors import NumberError

_CONTEXT: Final = Context(prec=DIGITS)


def rounded(number: Number, decimals: int = 0) -> Number:
    """Rounded to so many decimals (tens and hundreds below zero), an int where no decimals remain."""
    if type(number) is int and decimals >= 0:
        return number
    result = quantized(number, decimals, ROUND_HALF_UP)
    return result if decimals > 0 else int(result)


def quantized(number: Number, decimals: int, rounding: str) -> Decimal:
    """With exactly so many decimals; raises NumberError for a result of more than 40 digits."""
    try:
        return Decimal(bounded(number)).quantize(Decimal((0, (1,), -decimals)), rounding, _CONTEXT)
    except InvalidOperation as error:
        raise NumberError(
            "too_many_digits", f"A number has more than {DIGITS} digits.", "Use fewer decimals."
        ) from error


def decimals_of(number: Number) -> int:
    """How many decimals a number is written with; zero for a whole one."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def split_evenly(total: Number, parts: int, decimals: int) -> list[Number]:
    """Shares with so many decimals, as equal as they can be, whose sum is the total rounded to these decimals.

    The first ones are larger by one unit of the last decimal where the total does not divide. `parts` is one or more;
    raises NumberError for a result of more than 40 digits.
    """
    units = quantized(total, decimals, ROUND_HALF_UP).as_tuple()
    share, rest = divmod(int("".join(map(str, units.digits))), parts)
    sizes = [_share(units.sign, share + extra, decimals) for extra in (1, 0)]
    return [sizes[0]] * rest + [sizes[1]] * (parts - rest)


def _share(sign: int, units: int, decimals: int) -> Number:
    share = Decimal((sign if units else 0, tuple(map(int, str(units))), -decimals))
    return share if decimals > 0 else int(share)
