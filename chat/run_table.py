"""Runs as a list shows them: those that failed, wait or were skipped with the reason, so that none has to be opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps_engine.runtime.codes import RUN_CODES
from apps_engine.services.decisions import quota_met
from apps_engine.services.retries import RETRYABLE
from apps_engine.services.waits import held_by, waits_for_quota
from apps_engine.services.withheld import why_withheld
from apps_engine.store.models import Execution
from decommerce.tenancy.principal import Principal

LONGEST_REASON = 160
NO_ROOM = "The quota of runs was used up: it waits for the hour that has room for it."


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, and in a few words why it failed, was skipped or waits for a quota; else ''."""

    run: Execution
    reason: str


@dataclass(frozen=True, slots=True)
class RunTable:
    """The rows of a list."""

    rows: Sequence[RunRow]

    @property
    def tells_reasons(self) -> bool:
        """Whether any of them has one."""
        return any(row.reason for row in self.rows)


def run_table(principal: Principal, runs: Iterable[Execution]) -> RunTable:
    """The runs with their reasons. They should come with their apps and versions."""
    return RunTable([RunRow(run, _reason(principal, run)) for run in runs])


def _reason(principal: Principal, run: Execution) -> str:
    """What the error says, or what its code means to those who may not see what a message quotes."""
    if waits_for_quota(run):
        return NO_ROOM
    waits = run.state == Execution.State.QUEUED and quota_met(run)
    held = held_by(run)
    if held is not None and not waits:
        return held.message
    is_told = waits or run.state in (*RETRYABLE, Execution.State.SKIPPED)
    if not is_told or not run.error:
        return ""
    code = str(run.error.get("code", ""))
    shown = "" if why_withheld(principal, run) else str(run.error.get("message") or "")
    reason = shown or RUN_CODES.get(code, code)
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON].rstrip()}…"
