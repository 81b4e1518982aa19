"""Finding a starter by the words that an admin would type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from apps_engine.starters.starter import Starter

LONGEST_SEARCH = 200
_WORD = re.compile(r"\w+")
# Words that say nothing of what is wanted.
_EMPTY_WORDS = """
a an and are as at be by do every for from has have i in is it me my of on or our send so that the their them then they
this to up us want we when who whom will with would you your app apps make create
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_SHORTEST_STEM = 4


def search(starters: Iterable[Starter], text: str) -> list[Starter]:
    """The starters that fit the words, best first: all of the words, or where none has them all, some of them.

    Without a word that says anything, every starter in its order.
    """
    words = [word for word in _words(text[:LONGEST_SEARCH]) if word not in _EMPTY]
    if not words:
        return list(starters)
    scored = [(starter, _scores(starter, words)) for starter in starters]
    complete = [(starter, scores) for starter, scores in scored if all(scores)]
    some = [(starter, scores) for starter, scores in scored if sum(map(bool, scores)) * 2 >= len(words)]
    return [starter for starter, _ in sorted(complete or some, key=lambda found: -sum(found[1]))]


def _scores(starter: Starter, words: Sequence[str]) -> list[int]:
    weights = _weights(starter.slug, starter.name, starter.synonyms, starter.summary, starter.description)
    return [max((weight for known, weight in weights.items() if _alike(word, known)), default=0) for word in words]


@lru_cache(maxsize=128)
def _weights(slug: str, name: str, synonyms: Sequence[str], summary: str, description: str) -> Mapping[str, int]:
    """What each word of a starter is worth: most in its name, least in its description."""
    weights: dict[str, int] = {}
    for texts, weight in (((description,), 1), ((summary,), 2), (synonyms, 4), ((name, slug), 5)):
        for text in texts:
            weights.update(dict.fromkeys(_words(text), weight))
    return weights


def _alike(asked: str, known: str) -> bool:
    """Whether one word begins with the other, endings aside: "carts" and "cart", "reward" and "rewards"."""
    if known.startswith(asked):
        return True
    return len(known) >= _SHORTEST_STEM and asked.startswith(known)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
