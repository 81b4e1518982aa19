"""A sentence made even: one kind of quote and space, numbers in digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

NUMBERS: Mapping[str, int] = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
    "hundred": 100, "thousand": 1000,
}  # fmt: skip
_NUMBER = re.compile(rf"\b(?:an? )?({'|'.join(NUMBERS)})\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d)[,'’](?=\d{3}\b)")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})
LONGEST = 1_000
_CODE_OR_MARK = re.compile(r"(?<!`)`[^`]+`(?!`)|([\\`*_{}\[\]()#+!|<>~])")


def even(text: str) -> str:
    """The sentence with its own capitals, cut to a length that no pattern minds."""
    plain = unicodedata.normalize("NFKC", text)[:LONGEST].translate(_QUOTES)
    plain = _THOUSANDS.sub("", " ".join(plain.split()))
    return _NUMBER.sub(lambda found: str(NUMBERS[found[1].lower()]), plain)


def plain_markdown(text: str) -> str:
    """Somebody's text inside an answer's Markdown, in which nothing is read as Markdown but code in backticks."""
    return _CODE_OR_MARK.sub(lambda found: found[0] if found[1] is None else f"\\{found[1]}", " ".join(text.split()))
