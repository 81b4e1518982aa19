"""The facts of a report: plain data, as JSON and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows that the app reads: the fields that it asks for, and those of them about people."""

    connector: str
    noun: str
    fields: tuple[str, ...]
    personal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom or what an action reaches: the parameter that decides it, as written and in words."""

    action: str
    parameter: str
    written: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an app reads, writes, sends and calls, and the most that one run may use.

    `worst_case` counts emails, ai_calls, messages and loop_items of the flow that uses most of each, after the limits
    of the profile; `seconds` is the longest that a run may take. `external` holds actions that call something outside,
    `accounts` the services that are read with an account of the person who made the app.
    """

    starts: tuple[str, ...]
    steps: tuple[str, ...]
    reads: tuple[Reading, ...]
    accounts: tuple[str, ...]
    writes: tuple[str, ...]
    emits: tuple[str, ...]
    sends: tuple[str, ...]
    external: tuple[str, ...]
    domains: tuple[str, ...]
    reaches: tuple[Reach, ...]
    worst_case: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {key: _listed(value) for key, value in asdict(self).items()}

    def sentences(self) -> list[str]:
        """The report in plain words, for the preview that an admin confirms."""
        emails, calls = self.worst_case["emails"], self.worst_case["ai_calls"]
        reads = [*map(_reading, self.reads), *(f"{name} of the person who made it" for name in self.accounts)]
        facts = [
            f"Reads: {'; '.join(reads) or 'nothing'}.",
            f"Changes: {', '.join(self.writes)}." if self.writes else "",
            f"Calls outside: {', '.join(self.domains or self.external)}." if self.external else "",
            f"Worst case per run: {_counted(emails, 'email')}, {_counted(calls, 'AI call')}.",
        ]
        return [*self.starts, *self.steps, *(fact for fact in facts if fact)]


def _listed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_listed(item) for item in value]
    return {key: _listed(item) for key, item in value.items()} if isinstance(value, dict) else value


def _reading(reading: Reading) -> str:
    return f"{reading.noun} ({', '.join(reading.fields)})"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
