"""Filters for words and names."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from apps_engine.language.arithmetic import Number
from apps_engine.language.bounds import MARKUP_CHARACTERS, SLUG_CHARACTERS
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind

TEXT, NUMBER = Kind.TEXT, Kind.NUMBER

_FIRST_OF_WORD: Final = re.compile(r"(?<!\S)\S")
_INITIAL: Final = re.compile(r"(?<!\S)(?:[^\w\s]|_)*([^\W_])")


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title(text: str) -> str:
    """Each word with a capital; str.title() would make "Don'T"."""
    return _FIRST_OF_WORD.sub(lambda letter: letter[0].upper(), text)


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:SLUG_CHARACTERS].strip().casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return "-".join(kept.split())


def _word_count(text: str) -> int:
    return len(text.split())


def _initials(text: str) -> str:
    """Marks before a word, such as a quote, are no letter of it."""
    return "".join(_INITIAL.findall(text)).upper()


def _pluralize(amount: Number, singular: str, plural: str | None) -> str:
    if abs(amount) == 1:
        return singular
    return f"{singular}s" if plural is None else plural


def _text(value: str) -> dict[str, Any]:
    return {"text": value}


FILTERS: Final = (
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
        longest=MARKUP_CHARACTERS,
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
        "word_count",
        "texts",
        (TEXT,),
        (),
        NUMBER,
        "How many words the text has.",
        ("{{ text | word_count }}", _text("two words"), 2),
        _word_count,
    ),
    Filter(
        "initials",
        "texts",
        (TEXT,),
        (),
        TEXT,
        "The first letter of every word as a capital.",
        ("{{ text | initials }}", _text("Ada King Lovelace"), "AKL"),
        _initials,
        longest=MARKUP_CHARACTERS,
    ),
    Filter(
        "pluralize",
        "texts",
        (NUMBER,),
        (Argument("singular", (TEXT,)), Argument("plural", (TEXT,), None)),
        TEXT,
        "The word for one, or the word for several; without the second an `s` is added.",
        ("{{ n }} {{ n | pluralize: 'reply', 'replies' }}", {"n": 3}, "3 replies"),
        _pluralize,
    ),
)
