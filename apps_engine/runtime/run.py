"""The one step loop.

Every step has a path (`main/members`, `main/2[0:200]/mail`). A path that the journal knows is not run again: its
result is read back. So a retry, a resume after a crash and a resume after a pause are the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.language.plan import Act, Branch, Each, Flow, Plan, RetryPolicy, Step
from apps_engine.runtime.errors import LimitReached, QuotaReached, RunFailed, StepError, Stopped, Suspended
from apps_engine.runtime.escalation import Rule, escalation
from apps_engine.runtime.meter import Meter
from apps_engine.runtime.ports import Entry, Ports
from apps_engine.runtime.scope import Scope, remember
from apps_engine.runtime.size import bounded

# What an app says of its quotas: that its runs wait for the next window.
RESCHEDULE = "reschedule"
# A transaction that holds locks longer than this is committed at the next step.
COMMIT_AFTER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: succeeded, failed, suspended (until a time or a reply) or stopped.

    `escalation` is what the app's own rule says of a failure: {"key", "text"}.
    """

    status: str
    result: Any = None
    error: Mapping[str, Any] | None = None
    path: str | None = None
    retry: RetryPolicy | None = None
    escalation: Mapping[str, str] | None = None
    until: datetime | None = None
    reason: str = ""

    @property
    def response(self) -> Any:
        """What a person gets: the flow's response, or the app's own words where it failed."""
        if self.escalation is None:
            return self.result
        return {"template": self.escalation["text"], "ui": [], "escalation": dict(self.escalation)}

    @property
    def fault(self) -> dict[str, Any] | None:
        """The error with its place and the rule that speaks for it, None where nothing failed."""
        if self.error is None:
            return None
        rule = {} if self.escalation is None else {"escalation": dict(self.escalation)}
        return {**self.error, "path": self.path, **rule}


@dataclass(frozen=True, slots=True)
class Result:
    """What a step's kind hands back: its output, and what it saw, for the journal."""

    output: Any
    input: Any = None
    items: int = 1


Kind = Callable[["Run", Any, Scope, str], Result]
# Of a run that waits for a quota's next window.
GOES_ON = "The run goes on then by itself, where it stopped; an operator can allow more."


class Run:
    """One attempt at one execution.

    `before` is the error that ended the attempt before, if one did; None where no attempt can follow this one.
    """

    def __init__(
        self,
        plan: Plan,
        ports: Ports,
        kinds: Mapping[type[Step], Kind],
        usage: dict[str, int],
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self.plan = plan
        self.ports = ports
        self.kinds = kinds
        self.meter = Meter(plan.limits, usage)
        self._before = before
        self._committed_at = 0.0

    def execute(self, flow_name: str, scope: Scope) -> Outcome:
        """Run a flow to its end, or to where it stops."""
        flow = self.plan.flows[flow_name]
        try:
            self.steps(flow.steps, scope, flow_name)
            result = self._response(flow, scope)
        except RunFailed as failed:
            return Outcome(
                "failed", error=failed.error, path=failed.path, retry=failed.retry, escalation=failed.escalation
            )
        except Suspended as suspended:
            return Outcome("suspended", suspended.reply, suspended.error, suspended.path, until=suspended.until)
        except Stopped as stopped:
            return Outcome("stopped", reason=stopped.reason)
        return Outcome("succeeded", result=result)

    def steps(self, steps: Sequence[Step], scope: Scope, prefix: str) -> None:
        """Run steps in order; each sees the results of those before it."""
        for step in steps:
            self.step(step, scope, f"{prefix}/{step.key}")

    def step(self, step: Step, scope: Scope, path: str) -> None:
        """Run one step, or read its result back from the journal."""
        done = self.ports.journal.completed(path)
        if done is not None:
            self._replay(step, scope, path, done)
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
            if isinstance(fault, QuotaReached) and self.plan.on_quota == RESCHEDULE:
                met = {**described(fault), "hint": GOES_ON}
                raise Suspended(path, until=fault.until, error=met) from fault
            status, error = "failed", described(fault)
            result = Result({"error": error, **self._own_rule(step)})
        elapsed = int((self.ports.clock.elapsed() - began) * 1000)
        if error is not None and not self._may_try_again(error, step, path) and step.on_error != "fail":
            status = "tolerated"
        kind = type(step).__name__.lower()
        entry = Entry(path, kind, status, result.input, result.output, error, result.items, started, elapsed)
        self.ports.journal.record(entry)
        if status == "failed":
            raise RunFailed(path, error or {}, step.retry, self.escalated(error or {}, step, scope))
        self.keep(step, scope, entry)

    def guard(self, path: str) -> None:
        """Before any work: is there time and room left, and may the run go on? Commits what has been open for long, or
        holds others up.

        Either limit ends the run whatever `on_error` says.
        """
        elapsed = self.ports.clock.elapsed()
        try:
            self.meter.check_deadline(elapsed)
            self.meter.check_journal(self.ports.journal.characters)
        except LimitReached as reached:
            error = described(reached)
            raise RunFailed(path, error, None, self.escalated(error)) from reached
        self.ports.work.check()
        if self.ports.work.holds_up or elapsed - self._committed_at > COMMIT_AFTER_SECONDS:
            self.commit()

    def advance(self, path: str, done: int, total: int) -> None:
        """Say how far a loop is; of loops inside each other the outermost counts."""
        if "[" not in path:
            self.ports.work.tell(path, done, total)

    def commit(self) -> None:
        """Make everything so far durable."""
        self.ports.work.commit()
        self._committed_at = self.ports.clock.elapsed()

    def escalated(self, error: Mapping[str, Any], part: Any = None, scope: Scope | None = None) -> Rule | None:
        """What the app's rules say of an error, which `part` of the plan met with this scope."""
        return escalation(error, part, scope or {}, self.plan.escalation, acted=self.ports.journal.acted)

    def keep(self, step: Step, scope: Scope, entry: Entry) -> None:
        """Let later steps see the result; what an action remembers is seen by all of them at once."""
        output = entry.output
        if isinstance(step, Act) and step.remembers and entry.status == "done":
            output = remember(scope, output)
        if step.id is not None:
            scope[step.id] = output

    def _replay(self, step: Step, scope: Scope, path: str, done: Entry) -> None:
        """Read a result back. What later steps may see of the steps inside is read back too: names, and the state."""
        inside = isinstance(step, Branch) or (isinstance(step, Each) and step.remembers)
        if inside and done.status == "done":
            self.kinds[type(step)](self, step, scope, path)
        self.keep(step, scope, done)

    def _response(self, flow: Flow, scope: Scope) -> Any:
        if flow.response is None:
            return None
        try:
            return bounded(flow.response(scope))
        except LanguageError as fault:
            error = described(fault)
            rule = self.escalated(error, flow.response, scope)
            raise RunFailed(f"{flow.name}/response", error, None, rule) from fault

    def _may_try_again(self, error: dict[str, Any], step: Step, path: str) -> bool:
        """Whether the step's own retry leaves it an attempt; how many it has had is said in the error."""
        if self._before is None or step.retry is None or not error["retryable"]:
            return False
        had = int(self._before.get("attempts", 0)) if self._before.get("path") == path else 0
        error["attempts"] = had + 1
        return had + 1 < step.retry.max_attempts

    def _own_rule(self, step: Step) -> dict[str, str]:
        text = self.plan.escalation.get(step.on_error)
        return {} if text is None else {"escalation": text}


def described(fault: StepError | LanguageError) -> dict[str, Any]:
    """An error of the language or of a step, as the journal keeps it."""
    if isinstance(fault, StepError):
        return fault.as_dict()
    return {"code": fault.code, "message": fault.message, "hint": fault.hint, "retryable": False}
