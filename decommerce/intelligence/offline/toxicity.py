"""Insults, threats and spam by lists of words. It knows no irony and no context."""

from __future__ import annotations

from decommerce.intelligence.offline.finding import Finding
from decommerce.intelligence.offline.lexicon import lexicon, phrases
from decommerce.intelligence.offline.score import score
from decommerce.intelligence.offline.words import words

TOXIC, BORDERLINE = 0.6, 0.3

_INSULTS = lexicon("insults")
_OBSCENE = lexicon("obscene")
_THREAT = phrases("threats")
_SPAM = phrases("spam")
_ADDRESSED = lexicon("addressed")


def toxicity(text: str) -> Finding:
    """How hostile a text reads."""
    found = words(text)
    insults = [word for word in found if word in _INSULTS]
    obscene = [word for word in found if word in _OBSCENE]
    threats = _THREAT.findall(text)
    spam = _SPAM.findall(text)
    aimed = 1.5 if insults and _ADDRESSED.intersection(found) else 1.0
    # One bad word in an essay weighs less than one in a line.
    dilution = min(1.0, 40 / max(len(found), 1)) ** 0.5
    raw = (0.45 * len(insults) * aimed + 0.2 * len(obscene)) * dilution + 0.7 * bool(threats) + 0.4 * len(spam)
    counts = ((insults, "insulting words"), (obscene, "coarse words"), (threats, "a threat"), (spam, "wording of spam"))
    value = score(raw)
    return Finding(value, _label(float(value)), tuple(name for hits, name in counts if hits))


def is_spam(text: str) -> bool:
    """Whether a text is worded like spam."""
    return bool(_SPAM.search(text))


def _label(value: float) -> str:
    if value >= TOXIC:
        return "toxic"
    return "borderline" if value >= BORDERLINE else "safe"
