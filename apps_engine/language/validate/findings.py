"""Where the checks write down what they find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps_engine.language.errors import LanguageError
from apps_engine.language.problems import Problem
from apps_engine.language.suggestions import did_you_mean
from apps_engine.language.validate.codes import CODES, Code

MOST_SUGGESTIONS = 500

# A test holds every code documented; one that is not refuses the definition all the same.
_UNDOCUMENTED = Code("")


@dataclass(slots=True)
class Findings:
    """The problems so far. The same problem of the same place is kept once."""

    problems: list[Problem] = field(default_factory=list)
    suggestions: int = 0
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, path: str, code: str, message: str, hint: str = "") -> None:
        """Write down a problem; its severity is that of its code."""
        if (path, code, message) in self._seen:
            return
        self._seen.add((path, code, message))
        known = CODES.get(code, _UNDOCUMENTED)
        self.problems.append(Problem(path, code, message, hint or known.remedy, known.severity))

    def suggest(self, name: str, candidates: Iterable[str]) -> str:
        """A hint such as "Did you mean `email`?"; empty when nothing comes near, or after very many suggestions.

        Looking for near names is slow, and a hostile document can hold tens of thousands of strange ones.
        """
        self.suggestions += 1
        return did_you_mean(name, candidates) if self.suggestions <= MOST_SUGGESTIONS else ""

    def refused(self, path: str, error: LanguageError) -> None:
        """Write down what the language refused."""
        self.add(path, error.code, error.message, error.hint)
