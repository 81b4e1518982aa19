"""The words of a sentence without their endings, and what a misspelt one was meant to be."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_SPELT = re.compile(r"(?P<kept>\"[^\"]*\"|https?://\S+)|[^\W_]+")
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "ies", "ed", "es", "er", "s", "y", "e")
_SHORTEST_STEM = 3
SHORTEST_CORRECTED = 4
ALIKE = 0.78
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
SHORT_FOR = {
    "emial": "email", "ppl": "members", "folks": "members", "sb": "somebody", "b4": "before", "thx": "thanks",
    "evry": "every", "wk": "week", "msg": "message", "mods": "moderators",
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


def corrected(text: str, known: Collection[str]) -> str:
    """The text with each word that nobody knows replaced by the one that it most looks like, if any does.

    What stands in quotation marks is left as it is.
    """
    stems = frozenset(map(stem, known)) | EMPTY
    return _SPELT.sub(lambda found: found[0] if found["kept"] else _corrected(found[0], known, stems), text)


def _corrected(word: str, known: Collection[str], stems: Collection[str]) -> str:
    plain = word.lower()
    if plain in SHORT_FOR:
        return SHORT_FOR[plain]
    if len(plain) < SHORTEST_CORRECTED or not plain.isalpha() or plain in known or plain in EMPTY:
        return word
    if stem(plain) in stems and stem(plain) != plain:
        # Another form of a word that is known.
        return word
    # The first letter is seldom the wrong one, and looking at few words is quick.
    near = [candidate for candidate in known if candidate[0] == plain[0] and abs(len(candidate) - len(plain)) <= 2]
    return next(iter(get_close_matches(plain, near, n=1, cutoff=ALIKE)), word)
