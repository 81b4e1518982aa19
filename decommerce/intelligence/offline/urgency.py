"""What cannot wait, by words of urgency; and what can, by the marks of newsletters and notices."""

from __future__ import annotations

import re2

from decommerce.intelligence.offline.lexicon import phrases

_URGENT = phrases("urgent")
_CALM = phrases("calm")
_QUESTION_TO_YOU = re2.compile(r"(?i)\b(can|could|would|will) you\b[^.!?\n]{0,200}\?")


def is_urgent(text: str) -> bool:
    """Whether a text looks as if it could not wait."""
    return urgency(text) > 0


def urgency(text: str) -> int:
    """More than 0 where a text looks as if it could not wait: the more, the less it can."""
    urgent = len(_URGENT.findall(text))
    calm = len(_CALM.findall(text))
    return 2 * min(urgent, 3) + bool(_QUESTION_TO_YOU.search(text)) - 2 * min(calm, 2) - (1 if urgent == 0 else 0)
