"""The beginning of a text as its summary."""

from __future__ import annotations

from decommerce.intelligence.offline.texts import cut
from decommerce.intelligence.offline.words import sentences

MOST_CHARACTERS = 300
_MOST_SENTENCES = 2


def summary(text: str, most: int = MOST_CHARACTERS) -> str:
    """The leading sentences in at most so many characters."""
    chosen = ""
    for sentence in sentences(text)[:_MOST_SENTENCES]:
        longer = f"{chosen} {sentence}".strip()
        if chosen and len(longer) > most:
            break
        chosen = longer
    return cut(chosen, most)
