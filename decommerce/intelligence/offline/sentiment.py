"""The feeling of a text by two lists of words, with negation and emphasis. It knows no irony."""

from __future__ import annotations

from collections.abc import Sequence

from decommerce.intelligence.offline.finding import Finding
from decommerce.intelligence.offline.lexicon import lexicon
from decommerce.intelligence.offline.score import score
from decommerce.intelligence.offline.words import words

POSITIVE_FROM, NEGATIVE_TO = 0.6, 0.4
MOST_NAMED = 3

_POSITIVE = lexicon("positive")
_NEGATIVE = lexicon("negative")
_NEGATIONS = lexicon("negations")
_STRONG = lexicon("strong")
_FACES = {
    **dict.fromkeys(
        ("🙂", "😊", "😀", "😃", "😄", "😁", "😍", "🥰", "👍", "❤", "🎉", "🙏", "💪", ":)", ":-)", ":D", ";)"), 1.0
    ),
    **dict.fromkeys(("🙁", "😞", "😢", "😭", "😠", "😡", "🤬", "👎", "💔", "😤", ":(", ":-(", ":'("), -1.0),
}
# How far back a negation reaches.
_REACH = 3
# One word of feeling says little in a long text: how many words there are for each further doubt.
_WORDS_A_DOUBT = 30


def sentiment(text: str) -> Finding:
    """0 is negative, 0.5 neither, 1 positive."""
    found = words(text)
    good, bad, reasons = 0.0, 0.0, []
    for place, word in enumerate(found):
        weight = _weight(found, place)
        if weight == 0:
            continue
        good, bad = good + max(weight, 0), bad + max(-weight, 0)
        reasons.append(f"“{word}” reads {'positive' if weight > 0 else 'negative'}")
    faces = sum(weight * text.count(face) for face, weight in _FACES.items())
    good, bad = good + max(faces, 0), bad + max(-faces, 0)
    doubt = 1 + len(found) / _WORDS_A_DOUBT
    value = score(0.5 + 0.5 * (good - bad) / (good + bad + doubt))
    return Finding(value, _label(float(value)), tuple(dict.fromkeys(reasons))[:MOST_NAMED] or ("no words of feeling",))


def _weight(found: Sequence[str], place: int) -> float:
    word = found[place]
    base = 1.0 if word in _POSITIVE else -1.0 if word in _NEGATIVE else 0.0
    if base == 0:
        return 0.0
    before = found[max(0, place - _REACH) : place]
    emphasis = 1.5 if _STRONG.intersection(before[-1:]) else 1.0
    # "not bad" is less good than "good".
    return (-0.6 if _NEGATIONS.intersection(before) else 1.0) * base * emphasis


def _label(value: float) -> str:
    if value >= POSITIVE_FROM:
        return "positive"
    return "negative" if value <= NEGATIVE_TO else "neutral"
