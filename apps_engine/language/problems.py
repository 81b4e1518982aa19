"""What validation reports: every fault at once, each with a path, a stable code and a way out (LNG-05)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error refuses the definition; a warning and a suggestion do not."""

    ERROR = "error"
    WARNING = "warning"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a definition.

    `path` is a JSON Pointer (RFC 6901) into the definition as its author wrote it, `code` is stable and documented,
    `hint` says what to do.
    """

    path: str
    code: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def as_dict(self) -> dict[str, str]:
        """The problem as JSON, for REST, MCP and the shell."""
        return asdict(self)


def has_errors(problems: list[Problem]) -> bool:
    """Whether any problem refuses the definition."""
    return any(problem.severity is Severity.ERROR for problem in problems)
