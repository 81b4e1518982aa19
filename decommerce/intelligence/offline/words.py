"""Words and sentences of a text, and the words that say nothing about its subject."""

from __future__ import annotations

import re

from decommerce.intelligence.offline.lexicon import lexicon

# Letters, and once an apostrophe between them: one way to match, so linear.
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE_END = re.compile(r"([.!?…][\"'”’)\]]?)\s")

ENGLISH = lexicon("stop_words_en")
OTHERS = {code: lexicon(f"stop_words_{code}") for code in ("de", "fr", "es", "it")}
STOP_WORDS = ENGLISH.union(*OTHERS.values())


def words(text: str) -> list[str]:
    """The words in lower case, in their order."""
    return [word.replace("’", "'").lower() for word in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """The sentences and lines, each with its punctuation."""
    marked = _SENTENCE_END.sub(r"\1\n", text)
    return [sentence.strip() for sentence in marked.split("\n") if sentence.strip()]


def language_of(text: str) -> str:
    """`en`, `de`, `fr`, `es` or `it` by its commonest words; empty where too few are known."""
    found = words(text[:5_000])
    counts = {"en": sum(word in ENGLISH for word in found)}
    counts |= {code: sum(word in known for word in found) for code, known in OTHERS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= max(2, len(found) // 10) else ""
