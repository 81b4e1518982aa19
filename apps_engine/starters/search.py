"""Finding a starter by words: those that a sentence and a starter have in common, the rare ones above all (BM25)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from apps_engine.starters.shelf import STARTERS
from apps_engine.starters.starter import Starter
from apps_engine.starters.stems import content_stems, words_of

LONGEST_SEARCH = 200
# What a word is worth by where it stands: the name and the synonyms are what people call it.
NAME, SYNONYM, SUMMARY, DESCRIPTION, PARAMETER = 3.0, 3.0, 1.5, 0.7, 0.5
# Of BM25: how soon more of the same word says nothing more, and how much a long text is held against it.
SATURATION, LENGTH = 1.2, 0.5
# A synonym of which every word is in the sentence.
WHOLE_PHRASE = 4.0


@dataclass(frozen=True, slots=True)
class Found:
    """A starter and how well the words fit, above 0; beyond 6 or so it is likely to be meant."""

    starter: Starter
    score: float


def nearest(sentence: str) -> list[Found]:
    """The starters that have words in common with a sentence, best first."""
    return _ranked(set(content_stems(sentence)))


def search(text: str) -> list[Starter]:
    """The starters for what somebody types: those with all of the words, or where none has them, with half of them.

    Best first. A word may be unfinished. Without a word that says anything, every starter in its order.
    """
    words = set(content_stems(text[:LONGEST_SEARCH]))
    if not words:
        return list(STARTERS.values())
    meant = {word: _beginning_with(word) for word in words}
    found = _ranked(set().union(*meant.values()))
    having = {one.starter.slug: _share(one.starter, meant.values()) for one in found}
    least = 1.0 if 1.0 in having.values() else 0.5
    return [one.starter for one in found if having[one.starter.slug] >= least]


@cache
def vocabulary() -> frozenset[str]:
    """Every word of the starters, for a misspelt one to be compared with."""
    texts = [text for starter in STARTERS.values() for text, _ in _texts(starter)]
    return frozenset(word for text in texts for word in words_of(text) if word.isalpha())


def _ranked(asked: set[str]) -> list[Found]:
    found = [Found(starter, _score(starter.slug, asked)) for starter in STARTERS.values()]
    return sorted((one for one in found if one.score > 0), key=lambda one: -one.score)


def _share(starter: Starter, meant: Iterable[frozenset[str]]) -> float:
    weights, _ = _index()[starter.slug]
    having = [not stems.isdisjoint(weights) for stems in meant]
    return sum(having) / len(having)


def _beginning_with(word: str) -> frozenset[str]:
    known = frozenset().union(*(weights for weights, _ in _index().values()))
    return frozenset({word}) if word in known else frozenset(stem for stem in known if stem.startswith(word))


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
        weights: dict[str, float] = defaultdict(float)
        for text, weight in _texts(starter):
            for word in set(content_stems(text)):
                weights[word] += weight
        index[starter.slug] = (weights, sum(weights.values()))
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
