"""What goes into a list of a schema: rows of the material, sorted by the list's name, or facts of its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from decommerce.intelligence.offline import facts
from decommerce.intelligence.offline.quality import quality
from decommerce.intelligence.offline.reading import Reading
from decommerce.intelligence.offline.sentiment import sentiment
from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.offline.topics import topics
from decommerce.intelligence.offline.toxicity import toxicity
from decommerce.intelligence.offline.urgency import is_urgent
from decommerce.intelligence.offline.words import sentences, words

_TASK = re2.compile(
    r"(?i)^(?:[-*•] ?)?(?:\[ ?\] ?)?(?:please|todo|to do|action|remember to|don't forget|make sure"
    r"|(?:we|you|i) (?:need|have) to|let's|must|should|add|book|buy|call|check|confirm|create|fix|order|pay|prepare"
    r"|review|schedule|send|update|write)\b"
)
MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class Sorting:
    """Rows or sentences that belong into a list whose name has one of these words."""

    tokens: frozenset[str]
    belongs: Callable[[str], bool]


def _sorting(tokens: str, belongs: Callable[[str], bool]) -> Sorting:
    return Sorting(frozenset(tokens.split()), belongs)


SORTINGS: Sequence[Sorting] = (
    _sorting("urgent important critical priority action_required immediate asap now", is_urgent),
    _sorting("toxic abusive offensive harmful violations flagged", lambda text: toxicity(text).label != "safe"),
    _sorting("spam promotional promotions newsletters newsletter", lambda text: _calm(text)),
    _sorting("positive praise likes compliments highlights pros", lambda text: sentiment(text).label == "positive"),
    _sorting("negative complaints criticism concerns cons problems", lambda text: sentiment(text).label == "negative"),
    _sorting("questions unanswered", lambda text: "?" in text),
    _sorting("poor low bad weak", lambda text: quality(text).label == "poor"),
    _sorting("good high best strong", lambda text: quality(text).label == "good"),
)
# Lists that take what no other list of the same object takes.
_REST = frozenset(
    [
        "can_wait",
        "wait",
        "later",
        "other",
        "others",
        "rest",
        "remaining",
        "normal",
        "low_priority",
        "not_urgent",
        "fyi",
        "neutral",
        "everything_else",
    ]
)

FACTS: Mapping[str, Callable[[Source], Sequence[Any]]] = {
    **dict.fromkeys(
        ("topics", "tags", "keywords", "themes", "categories", "labels"), lambda source: topics(source.text)
    ),
    **dict.fromkeys(("emails", "addresses"), lambda source: facts.emails(source.everything)),
    **dict.fromkeys(("links", "urls", "websites"), lambda source: facts.links(source.everything)),
    **dict.fromkeys(("phones",), lambda source: facts.phones(source.everything)),
    **dict.fromkeys(("dates", "deadlines", "days"), lambda source: facts.dates(source.everything)),
    **dict.fromkeys(("times",), lambda source: facts.times(source.everything)),
    **dict.fromkeys(
        ("amounts", "prices", "totals"), lambda source: [a.value for a in facts.amounts(source.everything)]
    ),
    **dict.fromkeys(("numbers",), lambda source: facts.numbers(source.text)),
    **dict.fromkeys(("tasks", "todos", "steps", "actions", "reminders"), lambda source: _tasks(source.text)),
    **dict.fromkeys(("reasons",), lambda source: [*toxicity(source.text).reasons, *quality(source.text).reasons]),
    **dict.fromkeys(
        ("points", "highlights", "takeaways", "sentences", "insights"),
        lambda source: sentences(source.text)[:MOST_SENTENCES],
    ),
}


def listed(name: str, item: Any, reading: Reading) -> Sequence[Any]:
    """The entries of a list of that name, not yet in the shape that the schema gives them."""
    key, source = facts.key_of(name), reading.source
    given = source.keyed.get(key)
    if isinstance(given, list):
        return given
    sorting, is_rest = _sorting_of(key), _is_rest(key)
    pool = source.rows or sentences(source.text)
    if is_rest:
        others = [other for list_ in reading.lists if list_ != name and (other := _sorting_of(facts.key_of(list_)))]
        return [entry for entry in pool if not any(other.belongs(_read(entry)) for other in others)]
    if sorting is not None:
        return [entry for entry in pool if sorting.belongs(_read(entry))]
    found = next((FACTS[token] for token in key.split("_") if token in FACTS), None)
    if found is not None:
        return found(source)
    if source.rows:
        return _named_rows(key, reading)
    return _bill_lines(source, item)


def _named_rows(key: str, reading: Reading) -> Sequence[Any]:
    """All rows, or where several lists share them those that name the list."""
    if len(reading.lists) < 2:
        return reading.source.rows
    wanted = {part.rstrip("s") for part in key.split("_")}
    return [row for row in reading.source.rows if wanted & {word.rstrip("s") for word in words(_read(row))}]


def _bill_lines(source: Source, item: Any) -> Sequence[Any]:
    """The lines of a bill as rows with the usual names of their parts."""
    properties = item.get("properties", {}) if isinstance(item, Mapping) else {}
    lines = facts.priced_lines(source.everything)
    if not properties:
        return [line.name for line in lines]
    return [
        {
            **dict.fromkeys(("name", "item", "description", "title", "product"), line.name),
            **dict.fromkeys(("quantity", "qty", "count"), line.quantity),
            **dict.fromkeys(("price", "amount", "total", "cost", "value"), line.price),
        }
        for line in lines
    ]


def _sorting_of(key: str) -> Sorting | None:
    if _is_rest(key):
        return None
    tokens = {*key.split("_"), key}
    return next((sorting for sorting in SORTINGS if sorting.tokens & tokens), None)


def _is_rest(key: str) -> bool:
    return key in _REST or key.startswith(("not_", "non_", "other_"))


def _read(entry: Any) -> str:
    return entry if isinstance(entry, str) else Source(entry).everything


def _calm(text: str) -> bool:
    return toxicity(text).label != "safe" or "unsubscribe" in text.lower() or "newsletter" in text.lower()


def _tasks(text: str) -> Sequence[str]:
    return [sentence for sentence in sentences(text) if _TASK.search(sentence)]
