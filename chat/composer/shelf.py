"""Which ready-made apps a sentence may mean: by the words that they have in common, the rare ones above all (BM25)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from apps_engine.starters import STARTERS, Starter
from chat.composer.stems import content_stems, words_of

# What a word is worth by where it stands: the name and the synonyms are what people call it.
NAME, SYNONYM, SUMMARY, DESCRIPTION, PARAMETER = 3.0, 3.0, 1.5, 0.7, 0.5
# Of BM25: how soon more of the same word says nothing more, and how much a long text is held against it.
SATURATION, LENGTH = 1.2, 0.5
# A synonym of which every word is in the sentence.
WHOLE_PHRASE = 4.0
CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A starter and how well the words fit: 0 for not at all."""

    starter: Starter
    score: float


def find(sentence: str) -> list[Found]:
    """The starters that come nearest, best first."""
    asked = set(content_stems(sentence))
    found = [Found(starter, _score(starter.slug, asked)) for starter in STARTERS.values()]
    return sorted((one for one in found if one.score > 0), key=lambda one: -one.score)[:CANDIDATES]


@cache
def vocabulary() -> frozenset[str]:
    """Every word of the shelf, for a misspelt one to be compared with."""
    texts = [text for starter in STARTERS.values() for text, _ in _texts(starter)]
    return frozenset(word for text in texts for word in words_of(text) if word.isalpha())


def _score(slug: str, asked: set[str]) -> float:
    weights, length = _index()[slug]
    usual = _usual_length()
    score = 0.0
    for word in asked & weights.keys():
        held_against = SATURATION * (1 - LENGTH + LENGTH * length / usual)
        score += _rarity(word) * weights[word] * (SATURATION + 1) / (weights[word] + held_against)
    return score + WHOLE_PHRASE * sum(phrase <= asked for phrase in _phrases()[slug])


@cache
def _index() -> Mapping[str, tuple[Mapping[str, float], float]]:
    """By slug: what each stem is worth, and how long all of it is."""
    index = {}
    for starter in STARTERS.values():
        weights: Counter[str] = Counter()
        for text, weight in _texts(starter):
            for word in set(content_stems(text)):
                weights[word] += weight
        index[starter.slug] = (dict(weights), sum(weights.values()))
    return index


@cache
def _usual_length() -> float:
    return sum(length for _, length in _index().values()) / len(_index())


@cache
def _rarity(word: str) -> float:
    having = sum(word in weights for weights, _ in _index().values())
    return math.log(1 + (len(_index()) - having + 0.5) / (having + 0.5))


@cache
def _phrases() -> Mapping[str, tuple[frozenset[str], ...]]:
    """By slug: the stems of its name and of each synonym, where they say enough to stand alone."""
    return {
        starter.slug: tuple(
            stems for text in (starter.name, *starter.synonyms) if len(stems := frozenset(content_stems(text))) > 1
        )
        for starter in STARTERS.values()
    }


def _texts(starter: Starter) -> list[tuple[str, float]]:
    parameters = [
        (f"{parameter.title} {parameter.description}", PARAMETER)
        for parameter in starter.parameters.properties.values()
    ]
    synonyms = [(synonym, SYNONYM) for synonym in starter.synonyms]
    own = [(starter.name, NAME), (starter.summary, SUMMARY), (starter.description, DESCRIPTION)]
    return [*own, *synonyms, *parameters]
