"""Filters from one kind of value to another."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from apps_engine.language.arithmetic import Number, bounded
from apps_engine.language.bounds import RESULT_CHARACTERS
from apps_engine.language.errors import InvalidValue
from apps_engine.language.filters.record import Filter
from apps_engine.language.jsontext import JsonTextError, loads
from apps_engine.language.kinds import Kind, excerpt, kind_of
from apps_engine.language.rendering import to_json, to_text

TEXT, NUMBER, BOOLEAN, ANY, NULL = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.ANY, Kind.NULL
LIST = Kind.LIST

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,80}(\.[0-9]{1,80})?")
_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _to_number(value: Any) -> Number:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return bounded(value)
    digits = value.strip()
    shape = _NUMBER.fullmatch(digits)
    if shape is None:
        raise InvalidValue("not_a_number", f"'{excerpt(value)}' is no number.", "Numbers look like 12, -3 or 4.50.")
    return bounded(Decimal(digits) if shape[1] else int(digits))


def _to_bool(value: Any) -> bool:
    found = _TRUTHS.get(to_text(value).strip().lower())
    if found is None:
        raise InvalidValue("not_a_truth", f"'{excerpt(value)}' is neither true nor false.", "Compare it instead.")
    return found


def _to_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _parse_json(text: str) -> Any:
    try:
        return loads(text, max_bytes=RESULT_CHARACTERS)
    except JsonTextError as error:
        raise InvalidValue("not_json", f"The text is no JSON: {error.message}", error.hint) from error


def _type_of(value: Any) -> str:
    return kind_of(value).value


FILTERS: Final = (
    Filter(
        "to_text",
        "types",
        (ANY, BOOLEAN),
        (),
        TEXT,
        "The value as text.",
        ("{{ n | to_text }}", {"n": Decimal("1.50")}, "1.50"),
        to_text,
    ),
    Filter(
        "to_number",
        "types",
        (TEXT, NUMBER, BOOLEAN),
        (),
        NUMBER,
        "The number that a text holds.",
        ("{{ price | to_number }}", {"price": "12.50"}, Decimal("12.50")),
        _to_number,
    ),
    Filter(
        "to_bool",
        "types",
        (TEXT, NUMBER, BOOLEAN),
        (),
        BOOLEAN,
        "True for true, yes and 1, false for false, no and 0.",
        ("{{ flag | to_bool }}", {"flag": "yes"}, True),
        _to_bool,
    ),
    Filter(
        "to_list",
        "types",
        (ANY, NULL),
        (),
        LIST,
        "A list as it is, null as an empty one, and anything else as the only item.",
        ("{{ tag | to_list }}", {"tag": "news"}, ["news"]),
        _to_list,
        cheap=True,
    ),
    Filter(
        "json",
        "types",
        (ANY, BOOLEAN, NULL),
        (),
        TEXT,
        "The value as JSON.",
        ("{{ member | json }}", {"member": {"xp": 3}}, '{"xp":3}'),
        to_json,
    ),
    Filter(
        "parse_json",
        "types",
        (TEXT,),
        (),
        ANY,
        "The value of a JSON text.",
        ("{{ text | parse_json }}", {"text": "[1, 2.50]"}, [1, Decimal("2.50")]),
        _parse_json,
    ),
    Filter(
        "type_of",
        "types",
        (ANY, NULL),
        (),
        TEXT,
        "The kind of a value: text, number, boolean, null, list or object.",
        ("{{ x | type_of }}", {"x": []}, "list"),
        _type_of,
        cheap=True,
    ),
)
