"""How well written a text looks, from its form alone: nobody here understands what it says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from decommerce.intelligence.offline.finding import Finding
from decommerce.intelligence.offline.score import score
from decommerce.intelligence.offline.toxicity import toxicity
from decommerce.intelligence.offline.words import sentences, words

GOOD, FAIR = 0.6, 0.35

_LINK = re.compile(r"https?://\S+|www\.\S+")
_REPEATED = re.compile(r"a{4,}|e{4,}|h{5,}|l{4,}|m{4,}|o{4,}|s{4,}|z{4,}|!{3,}|\?{3,}|\.{5,}")
_ENDINGS = frozenset('.!?:)…"”')


@dataclass(frozen=True, slots=True)
class _Form:
    """What a text looks like."""

    text: str
    words: Sequence[str]
    sentences: Sequence[str]
    links: int

    @property
    def capitals(self) -> float:
        """Which part of the letters are capitals; 0 for a few letters."""
        letters = [character for character in self.text if character.isalpha()]
        return sum(character.isupper() for character in letters) / len(letters) if len(letters) > 12 else 0.0

    @property
    def variety(self) -> float:
        """Which part of the first hundred words are different ones."""
        first = self.words[:100]
        return len(set(first)) / len(first) if first else 0.0


# Each fault: what it costs, its name, and when it is there.
_FAULTS: Sequence[tuple[float, str, Callable[[_Form], bool]]] = (
    (0.35, "mostly capital letters", lambda form: form.capitals > 0.6),
    (0.15, "repeated letters or punctuation", lambda form: bool(_REPEATED.search(form.text.lower()))),
    (0.30, "the same words again and again", lambda form: len(form.words) >= 8 and form.variety < 0.4),
    (0.25, "hardly more than links", lambda form: form.links > 0 and len(form.words) < 15 * form.links),
    (0.05, "does not end like a sentence", lambda form: form.text.rstrip()[-1:] not in _ENDINGS),
    (0.05, "begins without a capital letter", lambda form: form.text[:1].islower()),
    (0.30, "letters that form no words", lambda form: _gibberish(form.words) > 0.4),
    (0.10, "one long block without a break", lambda form: len(form.words) > 250 and len(form.sentences) < 4),
)


def quality(text: str) -> Finding:
    """The quality of a text: its length above all, less what its form makes look careless."""
    form = _Form(text, words(text), sentences(text), len(_LINK.findall(text)))
    if not form.words:
        return Finding(score(0), "poor", ("no words",))
    length = 1 - math.exp(-len(form.words) / 35)
    structure = 0.1 if len(form.sentences) >= 3 else 0.0
    reasons = [name for _, name, holds in _FAULTS if holds(form)]
    cost = sum(cost for cost, name, _ in _FAULTS if name in reasons)
    hostile = toxicity(text)
    if hostile.label == "toxic":
        cost += 0.4
        reasons.extend(hostile.reasons)
    value = score(0.1 + 0.8 * length + structure - cost)
    return Finding(value, _label(float(value)), (_length_reason(len(form.words)), *reasons))


def _label(value: float) -> str:
    if value >= GOOD:
        return "good"
    return "fair" if value >= FAIR else "poor"


def _length_reason(count: int) -> str:
    size = "very short" if count < 8 else "short" if count < 25 else "long" if count > 120 else "of usual length"
    return f"{size}: {count} {'word' if count == 1 else 'words'}"


def _gibberish(found: Sequence[str]) -> float:
    """Which part of the longer Latin words has no vowel, or five consonants in a row."""
    longer = [word for word in found if len(word) > 3 and word.isascii()]
    if len(longer) < 3:
        return 0.0
    return sum(bool(_ODD.search(word)) or not _VOWEL.search(word) for word in longer) / len(longer)


_VOWEL = re.compile(r"[aeiouy]")
_ODD = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")
