"""Picking one of the values that a schema lists: by families of labels, else by the words of the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decommerce.intelligence.offline.facts import key_of
from decommerce.intelligence.offline.quality import quality
from decommerce.intelligence.offline.sentiment import sentiment
from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.offline.toxicity import is_spam, toxicity
from decommerce.intelligence.offline.urgency import is_urgent
from decommerce.intelligence.offline.words import words

# What is taken where nothing speaks for any of them, best first.
_UNDECIDED = (
    "other",
    "unknown",
    "none",
    "general",
    "neutral",
    "misc",
    "unclear",
    "normal",
    "medium",
    "no",
    "fine",
    "ok",
)


@dataclass(frozen=True, slots=True)
class Family:
    """Labels that mean the same to a heuristic. `hints` are words in a field's name that speak for the family."""

    hints: frozenset[str]
    synonyms: Mapping[str, frozenset[str]]
    decide: Callable[[str], str]

    def match(self, choices: Mapping[str, Any], tokens: frozenset[str]) -> int:
        """How well the family fits a list of choices; 0 where it does not."""
        covered = sum(1 for names in self.synonyms.values() if names & choices.keys())
        named = bool(self.hints & tokens)
        return covered + named if covered >= 2 or (named and covered) else 0


def _family(hints: str, decide: Callable[[str], str], **synonyms: str) -> Family:
    return Family(
        frozenset(hints.split()), {name: frozenset((name, *names.split())) for name, names in synonyms.items()}, decide
    )


def _moderation(text: str) -> str:
    if is_spam(text):
        return "spam"
    return toxicity(text).label


FAMILIES: Sequence[Family] = (
    _family(
        "toxicity moderation safety verdict spam abuse decision",
        _moderation,
        spam="scam advertising advertisement promotion promotional",
        toxic="abusive abuse hate hateful harassment offensive insult unsafe violation remove block reject flag",
        borderline="review questionable suspicious unsure",
        safe="fine ok okay clean allow approve approved keep ham harmless acceptable legitimate appropriate",
    ),
    _family(
        "sentiment mood feeling emotion tone",
        lambda text: sentiment(text).label,
        positive="happy good praise satisfied pleased",
        neutral="mixed neither",
        negative="unhappy bad angry complaint dissatisfied sad frustrated",
    ),
    _family(
        "quality grade rating",
        lambda text: quality(text).label,
        good="high excellent great strong useful",
        fair="medium average okay ok mediocre acceptable",
        poor="low bad weak useless terrible",
    ),
    _family(
        "urgency priority severity importance",
        lambda text: "urgent" if is_urgent(text) else "calm",
        urgent="high critical important now immediate p1",
        calm="low normal can_wait later medium not_urgent routine p3",
    ),
    _family(
        "kind intent type category",
        lambda text: "question" if "?" in text else "statement",
        question="ask asking help support inquiry",
        statement="discussion announcement comment feedback",
    ),
)


def picked(name: str, choices: Sequence[Any], source: Source) -> Any:
    """One of the choices."""
    by_key = {key_of(str(choice)): choice for choice in choices if choice is not None}
    given = source.keyed.get(key_of(name))
    if isinstance(given, str) and key_of(given) in by_key:
        return by_key[key_of(given)]
    tokens = frozenset(key_of(name).split("_"))
    best = max(FAMILIES, key=lambda family: family.match(by_key, tokens))
    if best.match(by_key, tokens):
        synonyms = best.synonyms[best.decide(source.text)]
        chosen = next((choice for key, choice in by_key.items() if key in synonyms), None)
        if chosen is not None:
            return chosen
    return _by_words(by_key, choices, source)


def _by_words(by_key: Mapping[str, Any], choices: Sequence[Any], source: Source) -> Any:
    """The choice whose words stand in the text most often; else one that says nothing."""
    found = words(source.text)
    counts = {key: sum(found.count(part) for part in key.split("_")) for key in by_key}
    best = max(counts, key=lambda key: counts[key], default=None)
    if best is not None and counts[best]:
        return by_key[best]
    undecided = next((by_key[key] for key in _UNDECIDED if key in by_key), None)
    if undecided is not None or None in choices:
        return undecided
    return choices[0]
