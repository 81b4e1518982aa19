"""Dates, amounts, addresses, counts and labelled values in a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

MOST = 100
MOST_LINES = 1_000

_EMAIL = re2.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re2.compile(r"https?://[^\s<>\"')\]]+")
_PHONE = re2.compile(r"\+\d[\d ()/-]{6,16}\d")
_ISO_DATE = re2.compile(r"\b(\d{4})-(\d{2})-(\d{2})")
_DOTTED_DATE = re2.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_SLASHED_DATE = re2.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WORDED = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_MONTH_FIRST = re2.compile(rf"(?i)\b{_WORDED} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b")
_DAY_FIRST = re2.compile(rf"(?i)\b(\d{{1,2}})(?:st|nd|rd|th)?\.? (?:of )?{_WORDED},? (\d{{4}})\b")
_TIME = re2.compile(r"(?i)\b(\d{1,2})(?::(\d{2}))? ?(am|pm)\b|\b([01]?\d|2[0-3]):([0-5]\d)\b")
_NUMBER = r"\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+,\d{2}|\d+[.,]\d{1,2}|\d+"
_SIGN = r"[$€£¥]|USD|EUR|GBP|CHF|CAD|AUD|JPY"
_AMOUNT = re2.compile(rf"(?i)(?:({_SIGN}) ?({_NUMBER}))|(?:({_NUMBER}) ?({_SIGN})(?:\b|\s|$|[.,;]))")
_ANY_NUMBER = re2.compile(rf"(?:^|[^\w.,-])(-?(?:{_NUMBER}))(?:[^\w-]|$)")
_LABEL = re2.compile(r"^[\s*•-]*(\pL[^:=]*?)\s*[:=]\s*(\S.*)$")
LONGEST_LABEL = 42
_PRICED = re2.compile(
    rf"(?m)^[\s*•-]*(?:(\d{{1,3}}) ?[x×] ?)?(\pL[^\n]{{0,80}}?)[ \t.:…-]+"
    rf"(?:{_SIGN})? ?(\d+[.,]\d{{2}})\s*(?:{_SIGN})?\s*$"
)
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, as it was written."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a bill."""

    name: str
    quantity: int
    price: Decimal


def emails(text: str) -> list[str]:
    """The e-mail addresses."""
    return _distinct(match[0].rstrip(".") for match in _found(_EMAIL, text))


def links(text: str) -> list[str]:
    """The web addresses."""
    return _distinct(match[0].rstrip(".,;:!?") for match in _found(_URL, text))


def phones(text: str) -> list[str]:
    """The telephone numbers with a country code."""
    return _distinct(match[0] for match in _found(_PHONE, text))


def dates(text: str) -> list[str]:
    """The dates that name a year, as ISO texts in their order."""
    found = [(match.start(), _day(match[1], match[2], match[3])) for match in _found(_ISO_DATE, text)]
    found += [(match.start(), _day(match[3], match[2], match[1])) for match in _found(_DOTTED_DATE, text)]
    found += [(match.start(), _day(match[3], match[1], match[2])) for match in _found(_SLASHED_DATE, text)]
    found += [(match.start(), _day(match[3], _month(match[1]), match[2])) for match in _found(_MONTH_FIRST, text)]
    found += [(match.start(), _day(match[3], _month(match[2]), match[1])) for match in _found(_DAY_FIRST, text)]
    return _distinct(day for _, day in sorted(found, key=lambda pair: pair[0]) if day)


def times(text: str) -> list[str]:
    """The times of day, as `HH:MM`."""
    found = []
    for match in _found(_TIME, text):
        if match[3]:
            hour = int(match[1]) % 12 + (12 if match[3].lower() == "pm" else 0)
            found.append(f"{hour:02}:{match[2] or '00'}")
        else:
            found.append(f"{int(match[4]):02}:{match[5]}")
    return _distinct(found)


def amounts(text: str) -> list[Amount]:
    """The sums of money that name a currency."""
    found = []
    for match in _found(_AMOUNT, text):
        sign, digits = (match[1], match[2]) if match[2] else (match[4], match[3])
        found.append(Amount(number(digits), _CURRENCIES.get(sign, sign.upper())))
    return found


def numbers(text: str) -> list[Decimal]:
    """The numbers that stand alone."""
    return [number(match[1]) for match in _found(_ANY_NUMBER, text)]


def number(digits: str) -> Decimal:
    """A number as it is written in English, German or Swiss texts."""
    plain = digits.translate(str.maketrans("", "", "'’ "))
    if "," in plain and (plain.rfind(",") > plain.rfind(".")) and len(plain) - plain.rfind(",") <= 3:
        plain = plain.replace(".", "").replace(",", ".")
    return Decimal(plain.replace(",", ""))


def labelled(text: str) -> dict[str, str]:
    """The lines of the form `Label: value`, by label in lower case with underscores."""
    found: dict[str, str] = {}
    for line in text.split("\n", MOST_LINES)[:MOST_LINES]:
        match = _LABEL.match(line[:400])
        if match and len(match[1]) <= LONGEST_LABEL:
            found.setdefault(key_of(match[1]), match[2].strip())
        if len(found) == MOST:
            break
    return found


def priced_lines(text: str) -> list[PricedLine]:
    """The lines of a bill: a name and a price, without totals and taxes."""
    found = []
    for match in _found(_PRICED, text):
        if not _SUMS.search(match[2]):
            found.append(PricedLine(match[2].strip(" .:-…"), int(match[1] or 1), number(match[3])))
    return found


@lru_cache(maxsize=4096)
def key_of(label: str) -> str:
    """A label or name of a field in one spelling."""
    spelled: str = _NO_KEY.sub("_", _HUMP.sub(r"\1_\2", label).lower())
    return spelled.strip("_")


_SUMS = re2.compile(
    r"(?i)\b(sub ?total|total|tax|vat|mwst|tip|gratuity|service|change|cash|visa|mastercard|balance|amount due)\b"
)
_NO_KEY = re2.compile(r"[^\pL\pN]+")
_HUMP = re2.compile(r"([\p{Ll}\pN])(\p{Lu})")


def _found(pattern: Any, text: str) -> Iterator[Any]:
    """The first hundred matches: what a page of text may hold, and no more of what only looks like it."""
    return islice(pattern.finditer(text), MOST)


def _month(name: str) -> str:
    return str(_MONTH_NAMES.index(name[:3].lower()) + 1)


def _day(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _distinct(found: Iterator[str] | list[str]) -> list[str]:
    return list(dict.fromkeys(found))[:MOST]
