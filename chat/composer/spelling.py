"""What a misspelt word was meant to be."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from apps_engine.starters import EMPTY, stem

_SPELT = re.compile(r"(?P<kept>\"[^\"]*\"|https?://\S+)|[^\W_]+")
SHORTEST_CORRECTED = 4
ALIKE = 0.78
SHORT_FOR = {
    "emial": "email", "ppl": "members", "folks": "members", "sb": "somebody", "b4": "before", "thx": "thanks",
    "evry": "every", "wk": "week", "msg": "message", "mods": "moderators",
}  # fmt: skip


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
