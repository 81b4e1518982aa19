"""What a field of a schema may hold, by the words in its name: one row of a table for each kind of fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import re2

from decommerce.intelligence.offline import facts
from decommerce.intelligence.offline.composition import composed_subject, composed_text
from decommerce.intelligence.offline.quality import quality
from decommerce.intelligence.offline.reading import Reading
from decommerce.intelligence.offline.sentiment import sentiment
from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.offline.summary import summary
from decommerce.intelligence.offline.texts import first_line
from decommerce.intelligence.offline.topics import topics
from decommerce.intelligence.offline.toxicity import is_spam, toxicity
from decommerce.intelligence.offline.urgency import is_urgent
from decommerce.intelligence.offline.words import language_of
from decommerce.intelligence.port import Task

_PLACE = re2.compile(r"\b(?:to|in|visit|visiting|at|nach|à) (\p{Lu}[\pL'-]+(?: \p{Lu}[\pL'-]+){0,2})")
_PEOPLE = re2.compile(
    r"(?i)\b(\d{1,4}) (?:\pL+ )?(?:people|persons|guests|travell?ers|participants|adults|friends|members|of us|ways)\b"
)
_SPAN = re2.compile(r"(?i)\b(\d{1,4}) ?-?(?:days?|nights?|weeks?|hours?|minutes?|months?)\b")
_YEAR = re2.compile(r"\b(19\d\d|20\d\d)\b")
# The range of a score that names none.
_RATINGS = {"rating": 5, "stars": 5, "percent": 100, "percentage": 100}


@dataclass(frozen=True, slots=True)
class Rule:
    """For names with one of these words: where to look."""

    tokens: frozenset[str]
    find: Callable[[Source], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The rules of one type, tried in their order, and how a labelled line becomes a value of it."""

    rules: Sequence[Rule]
    convert: Callable[[str], Any]
    first: Callable[[str, Reading], Any] = lambda name, reading: None

    def read(self, name: str, reading: Reading, last: Any = None) -> Any:
        """The value for a field of that name: written for it, given by the material, or found; else None."""
        key = facts.key_of(name)
        written = self.first(key, reading)
        if written is not None:
            return written
        if last is not None:
            return last
        labelled = reading.source.labelled.get(key)
        if labelled is not None and (value := self.convert(labelled)) is not None:
            return value
        tokens = set(key.split("_"))
        found = (rule.find(reading.source) for rule in self.rules if rule.tokens & tokens)
        return next((value for value in found if value is not None), None)


def _rule(tokens: str, find: Callable[[Source], Any]) -> Rule:
    return Rule(frozenset(tokens.split()), find)


def _first(found: Sequence[Any]) -> Any:
    return found[0] if found else None


def _matched(pattern: Any, text: str) -> str | None:
    match = pattern.search(text)
    return match[1] if match else None


def _written(key: str, reading: Reading) -> str | None:
    """What is to be written rather than found, where writing is the task."""
    if reading.request.task is not Task.GENERATE:
        return None
    tokens = set(key.split("_"))
    if tokens & {"subject", "title", "headline"}:
        return composed_subject(reading.request, reading.source)
    if tokens & {"text", "body", "message", "content", "post", "email", "mail", "reply", "letter", "announcement"}:
        return composed_text(reading.request, reading.source)
    return None


def _reason(source: Source) -> str:
    reasons = [*toxicity(source.text).reasons, *quality(source.text).reasons]
    return f"By its form alone: {', '.join(reasons)}."


def _last_date(source: Source) -> str | None:
    found = facts.dates(source.everything)
    return found[-1] if len(found) > 1 else None


TEXTS = Table(
    rules=(
        _rule("sentiment mood feeling emotion", lambda source: sentiment(source.text).label),
        _rule("quality", lambda source: quality(source.text).label),
        _rule("toxicity safety", lambda source: toxicity(source.text).label),
        _rule("urgency priority severity", lambda source: "high" if is_urgent(source.text) else "normal"),
        _rule("reason reasons why explanation rationale justification", _reason),
        _rule("summary overview gist abstract tldr description recap", lambda source: summary(source.text)),
        _rule("topic category theme tag label area", lambda source: _first(topics(source.text, 1))),
        _rule("language lang", lambda source: language_of(source.text) or None),
        _rule("email mail", lambda source: _first(facts.emails(source.everything))),
        _rule("url uri link website href", lambda source: _first(facts.links(source.everything))),
        _rule("phone telephone mobile", lambda source: _first(facts.phones(source.everything))),
        _rule("end return until last checkout", _last_date),
        _rule("time hour", lambda source: _first(facts.times(source.everything))),
        _rule(
            "date day deadline due when start begin departure arrival birthday",
            lambda source: _first(facts.dates(source.everything)),
        ),
        _rule("currency", lambda source: next((sum_.currency for sum_ in facts.amounts(source.everything)), None)),
        _rule("destination city place location venue country", lambda source: _matched(_PLACE, source.everything)),
        _rule(
            "title headline subject name merchant store restaurant vendor", lambda source: first_line(source.title, 120)
        ),
        _rule("question", lambda source: next((line for line in source.text.split("\n") if "?" in line), None)),
        _rule("text body message content quote original", lambda source: source.text),
    ),
    convert=lambda line: line,
    first=_written,
)


def _amount(source: Source) -> Decimal | None:
    for label in ("total", "grand_total", "amount_due", "total_amount", "sum", "amount", "balance"):
        if label in source.labelled and (value := _number(source.labelled[label])) is not None:
            return value
    found = [sum_.value for sum_ in facts.amounts(source.everything)]
    if found:
        return max(found)
    priced = facts.priced_lines(source.everything)
    return sum((line.price for line in priced), Decimal(0)) if priced else None


def _number(line: str) -> Decimal | None:
    found = [sum_.value for sum_ in facts.amounts(line)] or facts.numbers(line)
    return found[0] if found else None


def _scored(key: str, reading: Reading) -> Any:
    """A judgement on the scale that the schema gives, else on the usual one for that name."""
    tokens = set(key.split("_"))
    if not tokens & {
        "score",
        "rating",
        "stars",
        "quality",
        "sentiment",
        "toxicity",
        "confidence",
        "probability",
        "risk",
        "relevance",
        "likelihood",
        "percent",
        "percentage",
    }:
        return None
    if facts.key_of(key) in reading.source.keyed:
        return None
    bounds = reading.bounds or {}
    whole = bounds.get("type") == "integer"
    usual = next((_RATINGS[token] for token in tokens if token in _RATINGS), 100 if whole else 1)
    low, high = bounds.get("minimum", 0), bounds.get("maximum", usual)
    asked = tokens | set(facts.key_of(reading.request.instructions[:500]).split("_"))
    value = low + (high - low) * _judged(tokens, asked, reading.source.text)
    return round(value) if whole else value


def _judged(tokens: set[str], asked: set[str], text: str) -> Decimal:
    for names, judge in (
        ({"toxicity", "risk", "toxic", "abuse", "spam"}, toxicity),
        ({"sentiment", "mood", "positivity"}, sentiment),
    ):
        if names & tokens or (names & asked and "quality" not in tokens):
            return judge(text).score
    return quality(text).score


def _lone_number(source: Source) -> Decimal | None:
    found = facts.numbers(source.text)
    return found[0] if len(found) == 1 else None


NUMBERS = Table(
    rules=(
        _rule("total amount sum price cost budget spent balance", _amount),
        _rule("count number", lambda source: len(source.rows) or None),
        _rule(
            "people persons guests travelers travellers participants adults party size ways",
            lambda source: _whole(_PEOPLE, source),
        ),
        _rule("days nights weeks hours minutes months duration length", lambda source: _whole(_SPAN, source)),
        _rule("year", lambda source: _whole(_YEAR, source)),
        _rule("words", lambda source: len(source.text.split())),
        _rule("quantity number value age", _lone_number),
    ),
    convert=_number,
    first=_scored,
)


def _whole(pattern: Any, source: Source) -> int | None:
    found = _matched(pattern, source.everything)
    return None if found is None else int(found)


FLAGS = Table(
    rules=(
        _rule("spam promotional", lambda source: is_spam(source.text)),
        _rule(
            "toxic abusive offensive harmful inappropriate hateful insulting hostile unsafe",
            lambda source: toxicity(source.text).label == "toxic",
        ),
        _rule("urgent important critical emergency", lambda source: is_urgent(source.text)),
        _rule("positive happy satisfied praise", lambda source: sentiment(source.text).label == "positive"),
        _rule(
            "negative unhappy angry complaint dissatisfied frustrated",
            lambda source: sentiment(source.text).label == "negative",
        ),
        _rule("question", lambda source: "?" in source.text),
        _rule("link links url", lambda source: bool(facts.links(source.everything))),
        _rule("low poor bad", lambda source: quality(source.text).label == "poor"),
        _rule("high good helpful useful", lambda source: quality(source.text).label == "good"),
        _rule(
            "safe ok okay appropriate acceptable approved allowed clean",
            lambda source: toxicity(source.text).label == "safe",
        ),
        _rule(
            "flag flagged violation violates review moderation moderate remove",
            lambda source: toxicity(source.text).label != "safe" or quality(source.text).label == "poor",
        ),
    ),
    convert=lambda line: {"yes": True, "true": True, "no": False, "false": False}.get(line.strip().lower()),
)
