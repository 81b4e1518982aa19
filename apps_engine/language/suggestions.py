"""Suggestions for a name that was mistyped."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

MAX_NAME = 64
MAX_CANDIDATES = 200


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was probably meant; None when nothing comes near. Bounded, for candidates may be hostile."""
    if len(name) > MAX_NAME:
        return None
    known = [known for known in islice(candidates, MAX_CANDIDATES) if isinstance(known, str) and len(known) <= MAX_NAME]
    by_lowercase = {known.lower(): known for known in reversed(known)}
    found = get_close_matches(name.lower(), by_lowercase, n=1, cutoff=0.6)
    return by_lowercase[found[0]] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A hint such as "Did you mean `email`?", empty when nothing comes near."""
    found = closest(name, candidates)
    return f"Did you mean `{found}`?" if found else ""
