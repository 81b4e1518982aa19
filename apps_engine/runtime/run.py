"""The one step loop.

Every step has a path (`main/members`, `main/2[0:100]/mail`). A path that the journal knows is not run again: its
result is read back. So a retry, a resume after a crash and a resume after a pause are the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.language.plan import Plan, RetryPolicy, Step
from apps_engine.runtime.errors import LimitReached, RunFailed, StepError, Stopped, Suspended
from apps_engine.runtime.meter import Meter
from apps_engine.runtime.ports import Entry, Ports
from apps_engine.runtime.scope import Scope

# A transaction that holds locks longer than this is committed at the next step.
COMMIT_AFTER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: succeeded, failed, suspended (until a time or a reply) or stopped."""

    status: str
    result: Any = None
    error: Mapping[str, Any] | None = None
    path: str | None = None
    retry: RetryPolicy | None = None
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a step's kind hands back: its output, and what it saw, for the journal."""

    output: Any
    input: Any = None
    items: int = 1


Kind = Callable[["Run", Any, Scope, str], Result]


class Run:
    """One attempt at one execution."""

    def __init__(self, plan: Plan, ports: Ports, kinds: Mapping[type[Step], Kind], usage: dict[str, int]) -> None:
        self.plan = plan
        self.ports = ports
        self.kinds = kinds
        self.meter = Meter(plan.limits, usage)
        self._committed_at = 0.0

    def execute(self, flow_name: str, scope: Scope) -> Outcome:
        """Run a flow to its end, or to where it stops."""
        flow = self.plan.flows[flow_name]
        try:
            self.steps(flow.steps, scope, flow_name)
            result = flow.response(scope) if flow.response is not None else None
        except RunFailed as failed:
            return Outcome("failed", error=failed.error, path=failed.path, retry=failed.retry)
        except Suspended as suspended:
            return Outcome("suspended", result=suspended.reply, path=suspended.path, until=suspended.until)
        except Stopped as stopped:
            return Outcome("stopped", reason=stopped.reason)
        except LanguageError as error:
            return Outcome("failed", error=described(error), path=f"{flow_name}/response")
        return Outcome("succeeded", result=result)

    def steps(self, steps: Sequence[Step], scope: Scope, prefix: str) -> None:
        """Run steps in order; each sees the results of those before it."""
        for step in steps:
            self.step(step, scope, f"{prefix}/{step.key}")

    def step(self, step: Step, scope: Scope, path: str) -> None:
        """Run one step, or read its result back from the journal."""
        done = self.ports.journal.completed(path)
        if done is not None:
            self._keep(step, scope, done.output)
            return
        self.guard(path)
        started, began = self.ports.clock.now(), self.ports.clock.elapsed()
        status, error, result = "done", None, Result(None)
        try:
            if step.when is not None and not step.when(scope):
                status = "skipped"
            else:
                result = self.kinds[type(step)](self, step, scope, path)
        except (StepError, LanguageError) as fault:
            status, error = "failed", described(fault)
            result = Result({"error": error, **self._escalation(step)})
        self._keep(step, scope, result.output)
        elapsed = int((self.ports.clock.elapsed() - began) * 1000)
        if error is not None and step.on_error != "fail":
            status = "tolerated"
        kind = type(step).__name__.lower()
        entry = Entry(path, kind, status, result.input, result.output, error, result.items, started, elapsed)
        self.ports.journal.record(entry)
        if status == "failed":
            raise RunFailed(path, error or {}, step.retry)

    def guard(self, path: str) -> None:
        """Before any work: is there time left, and may the run go on? Commits what has been open for long.

        The deadline ends the run whatever `on_error` says.
        """
        elapsed = self.ports.clock.elapsed()
        try:
            self.meter.check_deadline(elapsed)
        except LimitReached as reached:
            raise RunFailed(path, described(reached), None) from reached
        self.ports.work.check()
        if elapsed - self._committed_at > COMMIT_AFTER_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Make everything so far durable."""
        self.ports.work.commit()
        self._committed_at = self.ports.clock.elapsed()

    def _escalation(self, step: Step) -> dict[str, str]:
        text = self.plan.escalation.get(step.on_error)
        return {} if text is None else {"escalation": text}

    @staticmethod
    def _keep(step: Step, scope: Scope, output: Any) -> None:
        if step.id is not None:
            scope[step.id] = output


def described(fault: StepError | LanguageError) -> dict[str, Any]:
    """An error of the language or of a step, as the journal keeps it."""
    if isinstance(fault, StepError):
        return fault.as_dict()
    return {"code": fault.code, "message": fault.message, "hint": fault.hint, "retryable": False}
