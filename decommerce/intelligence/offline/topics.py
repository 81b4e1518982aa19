"""What a text is about: its frequent words, without those that are frequent everywhere."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import re2

from decommerce.intelligence.offline.lexicon import lexicon
from decommerce.intelligence.offline.words import STOP_WORDS, words

MOST = 8

_ADDRESS = re2.compile(r"https?://\S+|www\.\S+|\S+@\S+")

# Frequent in any community, so that they tell topics apart no better than "the" does.
_BACKGROUND = lexicon("background")


def topics(text: str, most: int = MOST) -> list[str]:
    """The main words and pairs of words, the most telling first; words of the first line weigh more."""
    read = _ADDRESS.sub(" ", text)
    found = words(read)
    leading = set(words(read.partition("\n")[0]))
    weights: Counter[str] = Counter()
    for word, count in Counter(_stem(word) for word in found if _tells(word)).items():
        weights[word] = count * (2 if word in leading else 1) * min(len(word), 8)
    pairs = Counter(
        f"{first} {second}" for first, second in pairwise(found) if first != second and _tells(first) and _tells(second)
    )
    for pair, count in pairs.items():
        if count >= 2:
            weights[pair] = count * 18
    ranked = sorted(weights, key=lambda word: (-weights[word], word))
    return _without_parts(ranked, most)


def _without_parts(ranked: list[str], most: int) -> list[str]:
    """The first ones, leaving out words that a chosen pair holds already."""
    chosen: list[str] = []
    for word in ranked:
        if not any(_stem(part) in {_stem(held) for held in kept.split()} for kept in chosen for part in word.split()):
            chosen.append(word)
        if len(chosen) == most:
            break
    return chosen


def _tells(word: str) -> bool:
    return len(word) > 2 and word not in STOP_WORDS and word not in _BACKGROUND and "'" not in word


def _stem(word: str) -> str:
    """The singular of a plain plural."""
    if len(word) <= 4 or not word.endswith("s") or word[-2] in "suia":
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]
