"""Running a batch: runs of one app in one transaction, their actions applied together (docs/decisions/0006-batches.md).

A run for which there is nothing to do any more ends with the others. One that does not succeed leaves nothing behind
and goes alone afterwards, with an attempt of its own; the others are committed. What fails for all of them has all of
them go alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import Error as DatabaseError
from django.db import transaction

from apps_engine.language.plan import Plan
from apps_engine.runtime.errors import Stopped
from apps_engine.runtime.kinds import KINDS
from apps_engine.runtime.ports import Entry, Ports
from apps_engine.runtime.run import Outcome, Run
from apps_engine.services.counting import count_cancelled, count_end, count_leases_lost, count_successes_together
from apps_engine.services.decisions import record_decisions
from apps_engine.services.engine.clock import SystemClock
from apps_engine.services.engine.effects import ROWS_TOGETHER
from apps_engine.services.engine.gathered import GatheredEffects, NotTogether, SharedWork, Watch, Wish, grant
from apps_engine.services.engine.reader import RowReader
from apps_engine.services.engine.together import Together
from apps_engine.services.execute import cause_of, context_of, outcome_of, scope_of
from apps_engine.services.finish import skip_ending, skip_refusal, tell_of_recovery
from apps_engine.services.plans import plan_of
from apps_engine.store.batches import Batch, Ended, count_lost, end_together, hand_back
from apps_engine.store.claims import Claimed
from apps_engine.store.counters import count_successes
from apps_engine.store.journal import write_entries
from apps_engine.store.models import App, AppVersion, Execution
from apps_engine.store.runs import read_beginning
from apps_engine.store.state import read_state
from decommerce.pipelining import pipelined
from decommerce.tenancy.cause import caused_by
from decommerce.tenancy.context import tenant_scope

logger = logging.getLogger(__name__)
SUCCEEDED = "succeeded"
SKIPPED = "skipped"


class _Member:
    """One run of the batch."""

    def __init__(
        self, claimed: Claimed, execution: Execution, plan: Plan, together: Together[Wish, Outcome], watch: Watch
    ) -> None:
        self.claimed = claimed
        self.execution = execution
        self.cause = cause_of(execution)
        self.work = SharedWork(claimed, watch)
        context = context_of(execution, plan, ROWS_TOGETHER)
        effects = GatheredEffects(context, self.work, self.cause, together)
        ports = Ports(SystemClock(), self.work.journal, self.work, RowReader(context), effects)
        self._run = Run(plan, ports, KINDS, self.work.usage, {})

    def execute(self, state: Mapping[str, Any]) -> Outcome:
        """Run its flow, with what its app remembers; waits wherever it acts."""
        return outcome_of(self._run, self.execution, scope_of(self.execution, state), self.work)

    @property
    def entries(self) -> Sequence[Entry]:
        return self.work.journal.entries

    @property
    def items(self) -> int:
        """How many things its actions were done to."""
        return sum(entry.items for entry in self.entries if entry.kind == "act")


def execute_batch(batch: Batch) -> list[int]:
    """Run a batch; returns those that are to be run one by one. Raises only when the database cannot be reached."""
    try:
        with tenant_scope(batch.line.tenant_id, boundary="batch"):
            left = _execute(batch)
            count_cancelled(hand_back(left))
    except (NotTogether, Stopped, DatabaseError) as error:
        logger.info("runs of app %s go one by one: %s", batch.line.app_id, error)
        left = batch.runs
        with tenant_scope(batch.line.tenant_id, boundary="batch_undone"):
            count_leases_lost(count_lost(batch))
            count_cancelled(hand_back(left))
    return [run.id for run in left]


def _execute(batch: Batch) -> Sequence[Claimed]:
    versions = AppVersion.objects.select_related("app", "tenant").defer("definition", "source")
    version = versions.get(pk=batch.line.version_id)
    app = version.app
    plan = plan_of(batch.line.version_id)
    watch = Watch(app.pk)
    together: Together[Wish, Outcome] = Together(partial(grant, watch=watch))
    executions = _executions(batch, version)
    members = [_Member(run, executions[run.id], plan, together, watch) for run in batch.runs]
    states = _states(plan, members)
    outcomes = together.drive([partial(member.execute, states[member.execution.session_key]) for member in members])
    # Where a pause came between this look and the one before, steps may have begun after it: nothing of them is kept.
    watch.look()
    ended: list[tuple[_Member, Any]] = []
    skipped: list[tuple[_Member, Outcome]] = []
    left: list[Claimed] = []
    for member, outcome in zip(members, outcomes, strict=True):
        if outcome.status == SUCCEEDED:
            ended.append((member, outcome.result))
        elif member.work.journal.acted:
            raise NotTogether("a run failed after it had acted")
        elif outcome.status == SKIPPED:
            skipped.append((member, outcome))
        else:
            left.append(member.claimed)
    if ended:
        _succeed(plan, app, ended)
    if skipped:
        record_decisions([skip_refusal(member.execution, outcome) for member, outcome in skipped])
    if ended or skipped:
        _end(batch, ended, skipped)
    return left


def _executions(batch: Batch, version: AppVersion) -> dict[int, Execution]:
    """The rows of the batch by number; raises NotTogether where one is gone, or another's."""
    found = read_beginning([run.id for run in batch.runs])
    for run in batch.runs:
        if run.id not in found or found[run.id].fence != run.fence:
            raise NotTogether("a run is another's")
    for execution in found.values():
        execution.app, execution.version, execution.tenant = version.app, version, version.tenant
    return found


def _states(plan: Plan, members: Sequence[_Member]) -> dict[str, Mapping[str, Any]]:
    """What the app remembers in each session of the batch: one look for all, since no run of a batch changes it."""
    sessions = {member.execution.session_key: member.execution.app_id for member in members}
    return {key: read_state(app_id, key) if plan.uses_state else {} for key, app_id in sessions.items()}


def _succeed(plan: Plan, app: App, ended: Sequence[tuple[_Member, Any]]) -> None:
    with pipelined():
        count_successes(app.pk, len(ended))
        write_entries({member.claimed.id: member.entries for member, _ in ended}, attempt=1)
    with caused_by(ended[-1][0].cause):
        tell_of_recovery(app, plan)


def _end(batch: Batch, ended: Sequence[tuple[_Member, Any]], skipped: Sequence[tuple[_Member, Outcome]]) -> None:
    rows = [Ended(member.claimed, result, member.work.usage, member.items) for member, result in ended]
    for member, outcome in skipped:
        ending = skip_ending(outcome)
        rows.append(Ended(member.claimed, None, member.work.usage, 0, ending["state"], ending["error"]))
        transaction.on_commit(partial(count_end, member.execution, ending, member.claimed.fence))
    if not end_together(batch, rows):
        raise NotTogether("a run was cancelled, or its lease is lost")
    transaction.on_commit(partial(count_successes_together, [member.execution for member, _ in ended]))
