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
class Recipient:
    """Who receives something by an action, what it is, and how often at most in one run."""

    action: str
    what: str
    who: str
    most: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """A parameter by which an action shows or sends what the app's author did not write, and who did."""

    action: str
    parameter: str
    writer: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an app reads, writes, sends and calls, and the most that one run may use.

    `worst_case` counts emails, ai_calls, messages, outside_calls and loop_items of the flow that uses most of each,
    after the limits of the profile; `seconds` is the longest that a run may take. `external` holds actions that call
    something outside, `accounts` the services that are read with an account of the person who made the app.
    `undoable` and `final` say of what it does, in words, what can be taken back and what cannot.
    """

    starts: tuple[str, ...]
    steps: tuple[str, ...]
    reads: tuple[Reading, ...]
    accounts: tuple[str, ...]
    writes: tuple[str, ...]
    emits: tuple[str, ...]
    app_events: tuple[str, ...]
    sends: tuple[str, ...]
    external: tuple[str, ...]
    domains: tuple[str, ...]
    reaches: tuple[Reach, ...]
    recipients: tuple[Recipient, ...]
    exposures: tuple[Exposure, ...]
    undoable: tuple[str, ...]
    final: tuple[str, ...]
    worst_case: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {key: _listed(value) for key, value in asdict(self).items()}

    def sentences(self) -> list[str]:
        """The report in plain words, for the preview that an admin confirms."""
        emails, calls = self.worst_case["emails"], self.worst_case["ai_calls"]
        reads = [*map(_reading, self.reads), *(f"{name} of the person who made it" for name in self.accounts)]
        shown = dict.fromkeys(f"{one.parameter} of {one.action}" for one in self.exposures if one.writer != "members")
        facts = [
            f"Reads: {'; '.join(reads) or 'nothing'}.",
            f"Changes: {', '.join(self.writes)}." if self.writes else "",
            f"Calls outside: {', '.join(self.domains or self.external)}." if self.external else "",
            f"Sends app events: {', '.join(self.app_events)}." if self.app_events else "",
            f"Who receives what: {'; '.join(dict.fromkeys(map(_receiving, self.recipients)))}."
            if self.recipients
            else "",
            f"Shows what a model or the outside wrote: {', '.join(shown)}." if shown else "",
            f"Can be taken back: {', '.join(self.undoable)}." if self.undoable else "",
            f"Cannot be taken back: {', '.join(self.final)}." if self.final else "",
            f"Worst case per run: {_counted(emails, 'email')}, {_counted(calls, 'AI call')}.",
        ]
        return [*self.starts, *self.steps, *(fact for fact in facts if fact)]


def _listed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_listed(item) for item in value]
    return {key: _listed(item) for key, item in value.items()} if isinstance(value, dict) else value


def _receiving(recipient: Recipient) -> str:
    most = f", at most {recipient.most:,}" if recipient.most > 1 else ""
    return f"{recipient.who}: {recipient.what}{most}"


def _reading(reading: Reading) -> str:
    return f"{reading.noun} ({', '.join(reading.fields)})"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
