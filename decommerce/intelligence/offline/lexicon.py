"""The lists of words and phrases in the folder beside this file. A line that begins with # says what a list is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import re2

_FOLDER = Path(__file__).with_name("lexicons")


def lexicon(name: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(word for line in _lines(name) for word in line.split())


def phrases(name: str) -> Any:
    """A pattern that finds the phrases of a list, one a line and each a pattern of RE2, as whole words."""
    return re2.compile(rf"(?i)(?:^|\W)({'|'.join(_lines(name))})(?:\W|$)")


def _lines(name: str) -> list[str]:
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
