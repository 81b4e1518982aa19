"""Filters for texts."""

from __future__ import annotations

import unicodedata
from html import escape
from typing import Any, Final
from urllib.parse import quote

from apps_engine.language.bounds import LIST_ITEMS, RESULT_CHARACTERS, SLUG_CHARACTERS
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.filters.arguments import count, not_empty
from apps_engine.language.filters.markup import strip_html
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind
from apps_engine.language.patterns import Pattern, compile_pattern
from apps_engine.language.rendering import result_too_long

TEXT, NUMBER, BOOLEAN, LIST = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.LIST


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title(text: str) -> str:
    """Each word with a capital; str.title() would make "Don'T"."""
    return "".join(
        letter.upper() if index == 0 or text[index - 1].isspace() else letter for index, letter in enumerate(text)
    )


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


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:SLUG_CHARACTERS].strip().casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return "-".join(kept.split())


def _starts_with(text: str, start: str) -> bool:
    return text.startswith(start)


def _ends_with(text: str, end: str) -> bool:
    return text.endswith(end)


def _matches(text: str, pattern: Pattern) -> bool:
    return pattern.matches(text)


def _url_encode(text: str) -> str:
    return quote(text.encode(errors="replace"), safe="")


def _word_count(text: str) -> int:
    return len(text.split())


def _text(value: str) -> dict[str, Any]:
    return {"text": value}


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
        "capitalize",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "The first letter as a capital, the others as they are.",
        ("{{ text | capitalize }}", _text("ada Lovelace"), "Ada Lovelace"),
        _capitalize,
    ),
    Filter(
        "title",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "The first letter of every word as a capital.",
        ("{{ text | title }}", _text("don't panic"), "Don't Panic"),
        _title,
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
        "slugify",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "Small letters, digits and hyphens, for addresses.",
        ("{{ text | slugify }}", _text("Zürich in May!"), "zurich-in-may"),
        _slugify,
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
    Filter(
        "word_count",
        "texts",
        (TEXT,),
        (),
        NUMBER,
        "How many words the text has.",
        ("{{ text | word_count }}", _text("two words"), 2),
        _word_count,
    ),
)
