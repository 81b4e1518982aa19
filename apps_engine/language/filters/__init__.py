"""The table of filters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from apps_engine.language.filters import chat, conversion, dates, lists, logic, numeric, periods, rows, strings, words
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.suggestions import did_you_mean

__all__ = ["FILTERS", "Argument", "Filter", "suggest_filter"]

FILTERS: Final[Mapping[str, Filter]] = MappingProxyType(
    {
        known.name: known
        for known in (
            *lists.FILTERS,
            *rows.FILTERS,
            *strings.FILTERS,
            *words.FILTERS,
            *numeric.FILTERS,
            *dates.FILTERS,
            *periods.FILTERS,
            *logic.FILTERS,
            *conversion.FILTERS,
            *chat.FILTERS,
        )
    }
)

# What other template languages call them.
_ELSEWHERE: Final = {
    "count": "length",
    "size": "length",
    "len": "length",
    "map": "pluck",
    "filter": "where",
    "select": "where",
    "limit": "take",
    "upper": "uppercase",
    "upcase": "uppercase",
    "lower": "lowercase",
    "downcase": "lowercase",
    "strip": "trim",
    "escape": "escape_html",
    "striptags": "strip_html",
    "urlencode": "url_encode",
    "format_date": "date",
    "strftime": "date",
    "average": "avg",
    "mean": "avg",
    "money": "currency",
    "string": "to_text",
    "int": "to_number",
    "float": "to_number",
    "tojson": "json",
    "to_json": "json",
    "if": "ternary",
    "iif": "ternary",
    "fallback": "default",
}


def suggest_filter(name: str) -> str:
    """A hint for a name that is no filter."""
    elsewhere = _ELSEWHERE.get(name.lower())
    return f"Here it is called `{elsewhere}`." if elsewhere else did_you_mean(name, FILTERS)
