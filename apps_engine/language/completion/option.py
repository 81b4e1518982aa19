"""One thing that may be written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """What people see, the text to put there, and what it is for."""

    label: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """The options, which take the place of the characters from `start` to `end`."""

    start: int
    end: int
    options: tuple[Option, ...]
