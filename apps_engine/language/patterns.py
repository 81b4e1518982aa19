"""Regular expressions that people write: RE2, which takes linear time whatever the pattern (SEC-03)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import re2

from apps_engine.language.bounds import PATTERN_BYTES, PATTERN_CHARACTERS
from apps_engine.language.errors import InvalidValue
from apps_engine.language.kinds import excerpt


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; it matches anywhere in a text unless `^` and `$` say otherwise."""

    source: str
    compiled: Any

    def matches(self, text: str) -> bool:
        """Whether the pattern occurs in the text."""
        return self.compiled.search(text.encode(errors="replace")) is not None


def compile_pattern(source: str) -> Pattern:
    """Compile a pattern in RE2 syntax; raises InvalidValue (`bad_pattern`). The library keeps the latest 128."""
    if len(source) > PATTERN_CHARACTERS:
        raise InvalidValue("bad_pattern", f"A pattern has at most {PATTERN_CHARACTERS} characters.", "Shorten it.")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_BYTES
    try:
        return Pattern(source, re2.compile(source.encode(errors="replace"), options))
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise InvalidValue(
            "bad_pattern",
            f"'{excerpt(source)}' is no pattern: {reason}.",
            "Patterns are RE2: no look-around, no back-references.",
        ) from error
