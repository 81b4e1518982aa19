"""Running one claimed execution from its journal to where it ends."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseError
from django.db import InterfaceError, InternalError, OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure

from apps_engine.contracts import ActionContext
from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Plan
from apps_engine.runtime.errors import Stopped
from apps_engine.runtime.kinds import KINDS
from apps_engine.runtime.ports import Ports
from apps_engine.runtime.run import Outcome, Run, described
from apps_engine.runtime.scope import Scope, global_scope
from apps_engine.services.engine.clock import SystemClock
from apps_engine.services.engine.effects import TenantEffects
from apps_engine.services.engine.journal import Journal
from apps_engine.services.engine.reader import RowReader
from apps_engine.services.engine.work import FencedWork
from apps_engine.services.enqueue import no_longer_wanted
from apps_engine.services.finish import finish, finish_unplannable
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.store.claims import Claimed
from apps_engine.store.journal import read_entries
from apps_engine.store.models import Execution
from apps_engine.store.runs import send_run
from apps_engine.store.state import read_state
from decommerce.pipelining import pipelined
from decommerce.tenancy.cause import Cause
from decommerce.tenancy.principal import Principal

logger = logging.getLogger(__name__)
# Whoever takes events in waits for what is done on the spot.
ROWS_ON_THE_SPOT = 100
# The database lets one of those who wait for each other go on; the connection is whole.
CONFLICTS = (DeadlockDetected, SerializationFailure)
# The connection or its session is over, or the database is: nobody can say from here how the run ended.
AWAY = (OperationalError, InterfaceError, InternalError)


def execute(claimed: Claimed, patience: float | None = None, until: float = math.inf) -> str:
    """Run a claimed execution; returns the state it ended in, or that the lease is lost.

    Raises OperationalError when the database cannot be reached, and, with `patience`, by LockNotAvailable when it was
    to wait for a lock for longer than so many seconds: what is not committed is undone, and the lease is still ours.
    With the monotonic time `until` it begins no step after that, and leaves what is left of the run to another worker.
    """
    work = FencedWork(claimed, patience, until)
    try:
        return _execute(claimed, work)
    except Stopped as stopped:
        return stopped.reason
    finally:
        # Whatever went wrong, the worker's next run must not find itself inside this one's transaction.
        work.rollback()


def _execute(claimed: Claimed, work: FencedWork) -> str:
    with pipelined():
        work.open(to_read=True)
        read = send_run(claimed.id)
    execution = read()
    try:
        plan = plan_of(execution.version_id)
    except OUTDATED as error:
        logger.exception("version %s of app %s does not compile", execution.version_id, execution.app_id)
        work.begin(cause_of(execution), Journal(), execution)
        return finish_unplannable(execution, error, work)
    # Nothing can be in the journal before the first claim.
    journal = Journal(*read_entries(claimed.id, items=plan.uses_state)) if claimed.fence > 1 else Journal()
    work.begin(cause_of(execution), journal, execution)
    context = context_of(execution, plan, ROWS_ON_THE_SPOT if work.is_on_the_spot else math.inf)
    ports = Ports(SystemClock(), work.journal, work, RowReader(context), TenantEffects(context, work))
    run = Run(plan, ports, KINDS, work.usage, execution.error or {})
    state = remembered(execution, plan)
    work.began_with = state if plan.uses_state else None
    outcome = outcome_of(run, execution, scope_of(execution, state), work)
    try:
        return finish(execution, plan, outcome, work)
    except DatabaseError as error:
        # Some constraints are looked at by the commit alone.
        return finish(execution, plan, _undone(error, run, execution, work), work)


def outcome_of(run: Run, execution: Execution, scope: Scope, work: FencedWork) -> Outcome:
    """Run the execution's flow; raises what only the database can cause."""
    try:
        # What an app scheduled itself has no trigger.
        trigger = next((found for found in run.plan.triggers if found.id == execution.trigger_id), None)
        unwanted = None if trigger is None else no_longer_wanted(trigger, scope)
        if unwanted is not None:
            return Outcome("skipped", error=unwanted, reason=unwanted["code"])
        return run.execute(execution.flow, scope)
    except LanguageError as error:
        return Outcome("failed", error=described(error), path=execution.flow)
    except Exception as error:  # noqa: BLE001 - logged where it is undone
        return _undone(error, run, execution, work)


def _undone(error: Exception, run: Run, execution: Execution, work: FencedWork) -> Outcome:
    """What a fault of the engine or of the database comes to, with nothing kept that was not committed; raises AWAY."""
    work.rollback()
    if isinstance(error.__cause__, CONFLICTS):
        return Outcome("failed", error=_conflict(), path=execution.flow)
    if isinstance(error, AWAY):
        raise error
    logger.error("execution %s failed inside the engine", execution.pk, exc_info=error)
    fault = {
        "code": "internal_error",
        "message": f"The engine met a fault of its own ({type(error).__name__}).",
        "hint": "The operators' log has the details; the run is tried again.",
        "retryable": True,
    }
    return Outcome("failed", error=fault, path=execution.flow, escalation=run.escalated(fault))


def _conflict() -> dict[str, Any]:
    return {
        "code": "database_conflict",
        "message": "Another run wanted the same rows at the same time, in another order; this one gave way.",
        "hint": "It is tried again from its last commit.",
        "retryable": True,
    }


def cause_of(execution: Execution) -> Cause:
    """What the run does happens because of its app; its events carry the chain on."""
    label = f"app “{execution.app.name}”"
    principal = Principal("app", execution.app_id, label, execution.tenant_id, frozenset())
    return Cause(principal, execution.app_id, execution.pk, (*execution.chain, execution.app_id))


def context_of(execution: Execution, plan: Plan, most_rows: float = math.inf) -> ActionContext:
    """Where the run's calls come from. Nobody's accounts are used by what somebody else wrote."""
    app, author_id = execution.app, execution.version.author_id
    return ActionContext(
        tenant_id=execution.tenant_id,
        app_id=execution.app_id,
        app_name=app.name,
        execution_id=execution.pk,
        now=began_at(execution),
        owner_id=app.owner_id if app.owner_id == author_id else None,
        session_key=execution.session_key,
        permissions=plan.permissions,
        flows=frozenset(plan.flows),
        most_rows=most_rows,
    )


def remembered(execution: Execution, plan: Plan) -> dict[str, Any]:
    """The app's state as the run began: read once; it is kept with the run so that every attempt sees the same."""
    if not plan.uses_state:
        return {}
    if execution.began_with is None:
        execution.began_with = read_state(execution.app_id, execution.session_key)
    state: dict[str, Any] = execution.began_with
    return state


def began_at(execution: Execution) -> datetime:
    """When the run first began, which is its `now` in every attempt; the first claim sets it."""
    return execution.started_at or execution.run_at


def scope_of(execution: Execution, state: Mapping[str, Any]) -> Scope:
    """The outermost names of the run."""
    tenant = execution.tenant
    run: dict[str, Any] = {
        "id": execution.pk,
        "trigger": execution.trigger_type,
        "requested_by": execution.requested_by,
        "started_at": format_instant(began_at(execution)),
    }
    return global_scope(
        now=began_at(execution),
        trigger=execution.trigger,
        inputs=execution.inputs,
        tenant={"id": tenant.pk, "slug": tenant.slug, "name": tenant.name, "timezone": tenant.timezone},
        app={"id": execution.app_id, "name": execution.app.name, "version": execution.version.number},
        run=run,
        state=state,
    )
