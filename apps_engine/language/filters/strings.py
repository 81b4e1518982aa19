"""Filters for texts."""

from __future__ import annotations

from html import escape
from typing import Any, Final
from urllib.parse import quote

from apps_engine.language.bounds import LIST_ITEMS, MARKUP_CHARACTERS, RESULT_CHARACTERS
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.filters.arguments import count, not_empty
from apps_engine.language.filters.markup import strip_html
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind
from apps_engine.language.patterns import Pattern, compile_pattern
from apps_engine.language.rendering import result_too_long, to_text

TEXT, NUMBER, BOOLEAN, LIST = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.LIST


def _truncate(text: str, length: int, ending: str) -> str:
    if len(text) <= length:
        return text
    return text[: max(length - len(ending), 0)].rstrip() + ending[:length]


def _replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * (len(new) - len(old)) > RESULT_CHARACTERS:
        raise result_too_long()
    return text.replace(old, new)


def _split(text: str, separator: str) -> list[str]:
    if text.count(separator) >= LIST_ITEMS:
        raise BoundExceeded("list_too_long", f"The text has more than {LIST_ITEMS} parts.", "Split a shorter text.")
    return text.split(separator)


def _pad_left(value: Any, length: int, fill: str) -> str:
    text = to_text(value)
    return _filling(length - len(text), fill) + text


def _pad_right(value: Any, length: int, fill: str) -> str:
    text = to_text(value)
    return text + _filling(length - len(text), fill)


def _filling(length: int, fill: str) -> str:
    return (fill * (max(length, 0) // len(fill) + 1))[: max(length, 0)]


def _starts_with(text: str, start: str) -> bool:
    return text.startswith(start)


def _ends_with(text: str, end: str) -> bool:
    return text.endswith(end)


def _matches(text: str, pattern: Pattern) -> bool:
    return pattern.matches(text)


def _url_encode(text: str) -> str:
    return quote(text.encode(errors="replace"), safe="")


def _text(value: str) -> dict[str, Any]:
    return {"text": value}


_PADDING: Final = (Argument("length", (NUMBER,), parse=count), Argument("fill", (TEXT,), " ", not_empty))

FILTERS: Final = (
    Filter(
        "uppercase",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "In capital letters.",
        ("{{ text | uppercase }}", _text("hi"), "HI"),
        str.upper,
    ),
    Filter(
        "lowercase",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "In small letters.",
        ("{{ text | lowercase }}", _text("Hi"), "hi"),
        str.lower,
    ),
    Filter(
        "trim",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "Without white space at the ends.",
        ("{{ text | trim }}", _text("  hi "), "hi"),
        str.strip,
    ),
    Filter(
        "truncate",
        "texts",
        (TEXT,),
        (Argument("length", (NUMBER,), parse=count), Argument("ending", (TEXT,), "…")),
        TEXT,
        "At most so many characters, the ending included.",
        ("{{ text | truncate: 8 }}", _text("Good morning"), "Good mo…"),
        _truncate,
    ),
    Filter(
        "replace",
        "texts",
        (TEXT,),
        (Argument("old", (TEXT,), parse=not_empty), Argument("new", (TEXT,))),
        TEXT,
        "Every occurrence of a text replaced by another.",
        ("{{ text | replace: '-', ' ' }}", _text("a-b"), "a b"),
        _replace,
    ),
    Filter(
        "split",
        "texts",
        (TEXT,),
        (Argument("separator", (TEXT,), parse=not_empty),),
        LIST,
        "The parts between a separator.",
        ("{{ text | split: ',' }}", _text("a,b"), ["a", "b"]),
        _split,
    ),
    Filter(
        "pad_left",
        "texts",
        (TEXT, NUMBER),
        _PADDING,
        TEXT,
        "Filled up at the start to a length.",
        ("{{ text | pad_left: 3, '0' }}", _text("7"), "007"),
        _pad_left,
    ),
    Filter(
        "pad_right",
        "texts",
        (TEXT, NUMBER),
        _PADDING,
        TEXT,
        "Filled up at the end to a length.",
        ("{{ text | pad_right: 6, '.' }}", _text("tea"), "tea..."),
        _pad_right,
    ),
    Filter(
        "starts_with",
        "texts",
        (TEXT,),
        (Argument("start", (TEXT,)),),
        BOOLEAN,
        "Whether the text starts so.",
        ("{{ text | starts_with: 'RE:' }}", _text("RE: tea"), True),
        _starts_with,
    ),
    Filter(
        "ends_with",
        "texts",
        (TEXT,),
        (Argument("end", (TEXT,)),),
        BOOLEAN,
        "Whether the text ends so.",
        ("{{ text | ends_with: '@acme.com' }}", _text("ada@acme.com"), True),
        _ends_with,
    ),
    Filter(
        "matches",
        "texts",
        (TEXT,),
        (Argument("pattern", (TEXT,), parse=compile_pattern),),
        BOOLEAN,
        "Whether an RE2 pattern occurs in the text.",
        ("{{ text | matches: '[0-9]{4}' }}", _text("in 2026"), True),
        _matches,
    ),
    Filter(
        "strip_html",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "The text of HTML without its tags; still to be escaped where HTML is shown.",
        ("{{ text | strip_html }}", _text("<p>Tea &amp; <b>cake</b></p>"), "Tea & cake"),
        strip_html,
        longest=MARKUP_CHARACTERS,
    ),
    Filter(
        "escape_html",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "Safe to put into HTML.",
        ("{{ text | escape_html }}", _text("<b>"), "&lt;b&gt;"),
        escape,
    ),
    Filter(
        "url_encode",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "Safe to put into a part of an address.",
        ("{{ text | url_encode }}", _text("a b&c"), "a%20b%26c"),
        _url_encode,
    ),
)
