"""Apps that another system starts: "when our form posts to a webhook, tell the moderators"."""

from __future__ import annotations

import re

# Somebody else does it, or it is done: "call our webhook" is what the app is to do.
_CALLED = re.compile(
    r"\b(?:when(?:ever)?|each time|every time|once|as soon as)\b[^,;]*?"
    r"(?:\b(?:posts|sends|calls|hits|submits|delivers|triggers|pushes|writes)\b[^,;]*\bwebhooks?\b"
    r"|\bwebhooks?\b[^,;]*?\b(?:is|are|gets|comes?|arrives?|fires?|receives?|called|hit)\b)"
    r"[^,;]*[,;]?\s*(?:then\s+)?",
    re.IGNORECASE,
)
# What came, for whoever reads it.
RECEIVED = "{{ trigger.body | json | truncate: 500 }}"


def is_called(sentence: str) -> bool:
    """Whether a call of another system is to start it."""
    return _CALLED.search(sentence) is not None


def without_call(sentence: str) -> str:
    """The sentence without the words that say who calls."""
    return " ".join(_CALLED.sub(" ", sentence, count=1).split())
