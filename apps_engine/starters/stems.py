"""The words of a sentence without their endings."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "ies", "ed", "es", "er", "s", "y", "e")
_SHORTEST_STEM = 3
# Words that say nothing of what is wanted.
_EMPTY_WORDS = """
    a about all also an and any are as at be been before but by can could do does each every for from get give has have
    how i if in into is it its just let like make me my need no not of off on once one or our out please pls plz so some
    somebody someone such than that the their them then there these they this to up us use want was we were what when
    which while who whom whose will with would you your app apps automation automatically create set build should
    everyone people after month week day
"""
EMPTY = frozenset(_EMPTY_WORDS.split())
# What people write for what the catalogue says.
SAME = {
    "mail": "email", "mails": "email", "newsletter": "digest", "newsletters": "digest", "users": "members",
    "user": "member", "channel": "room", "channels": "rooms", "points": "xp", "congrats": "congratulations",
    "holidays": "trip", "buyer": "customer", "buyers": "customers", "purchase": "order", "purchases": "orders",
    "challenge": "mission", "challenges": "missions", "kpis": "kpi",
}  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words in small letters, in their order."""
    return _WORD.findall(text.lower().replace("e-mail", "email"))


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """The word without its ending: "posts", "posted" and "posting" are one. Crude, and the same for all texts."""
    meant = SAME.get(word, word)
    for ending in _ENDINGS:
        if meant.endswith(ending) and len(meant) - len(ending) >= _SHORTEST_STEM:
            return meant.removesuffix(ending)
    return meant


def content_stems(text: str) -> list[str]:
    """The stems of the words that say something, in their order, numbers left aside."""
    return [stem(word) for word in words_of(text) if word not in EMPTY and not word.isdigit()]
