"""Performing actions: local ones in the run's transaction, external ones claimed, frozen, sent and recorded.

docs/execution.md 6 to 8, RUN-05.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import Error as DatabaseError
from django.db import OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout

from apps_engine.contracts import (
    Action,
    ActionContext,
    Call,
    ExternalAction,
    LocalAction,
    Repeatable,
    TooMuchAtOnce,
)
from apps_engine.registry import registry
from apps_engine.runtime.errors import StepError, Stopped
from apps_engine.runtime.meter import Meter
from apps_engine.runtime.ports import EffectCall
from apps_engine.services.engine.frozen import step_error
from apps_engine.services.engine.outside import OutsideCalls
from apps_engine.services.engine.parameters import checked_params
from apps_engine.services.engine.work import HANDED_BACK, FencedWork
from apps_engine.services.quotas import spend
from apps_engine.store.effects import claim_keys
from decommerce.tenancy.errors import PlatformError

LONGEST_KEY = 200
# A transaction of many calls is short all the same, and a fault of one costs the others little.
ROWS_TOGETHER = 5_000
# Who makes them counts them in the row of the quota for which events of the community wait.
TASKS = "tasks"
ALREADY_DONE = {"skipped": "already_done"}


class TenantEffects:
    """The effects of one execution."""

    def __init__(self, context: ActionContext, work: FencedWork) -> None:
        self._context = context
        self._work = work
        self._outside = OutsideCalls(context, work)

    def apply(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any]]:
        plugin = registry.actions[action]
        assert isinstance(plugin, LocalAction)
        checked = [self.checked(plugin, call) for call in calls]
        fresh = self._first_time(action, calls)
        batch = [call for call, is_fresh in zip(checked, fresh, strict=True) if is_fresh]
        meter.spend(plugin.spends, len(batch))
        results = iter(self.perform(plugin, batch) if batch else ())
        return [dict(next(results)) if is_fresh else dict(ALREADY_DONE) for is_fresh in fresh]

    def call(self, action: str, call: EffectCall, meter: Meter) -> dict[str, Any]:
        plugin = registry.actions[action]
        assert isinstance(plugin, ExternalAction)
        return self._outside.make(plugin, self.checked(plugin, call), call.key, meter)

    def may_run_ahead(self, action: str) -> bool:
        plugin = registry.actions[action]
        return isinstance(plugin, ExternalAction) and plugin.repeatable is Repeatable.SAFELY

    def ahead(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any] | None]:
        plugin = registry.actions[action]
        assert isinstance(plugin, ExternalAction)
        checked: dict[str, Call] = {}
        for call in calls:
            try:
                checked[call.key] = self.checked(plugin, call)
            except StepError:
                # The item itself will meet the same fault, and tell it.
                continue
        answers = self._outside.ahead(plugin, checked, meter)
        return [dict(answers[call.key]) if call.key in answers else None for call in calls]

    def perform(self, plugin: LocalAction, batch: Sequence[Call]) -> Sequence[Mapping[str, Any]]:
        """Do these calls now and count them with the tenant; raises StepError, and Stopped where it takes a worker."""
        spend(plugin.spends, len(batch))
        self._work.holds_up = self._work.holds_up or TASKS in plugin.writes
        alone = len(batch) == 1
        try:
            return applied(plugin, batch, self._context if alone else replace(self._context, most_rows=ROWS_TOGETHER))
        except TooMuchAtOnce as error:
            if self._work.is_on_the_spot:
                raise Stopped(HANDED_BACK) from error
            raise step_error(error) from error

    def checked(self, plugin: Action, call: EffectCall) -> Call:
        """The call with its parameters as the action's own type; raises StepError."""
        return Call(checked_params(plugin, call.params), self.identity(call))

    def identity(self, call: EffectCall) -> str:
        """The key of a call over all attempts, or over all runs where `once_per` says so."""
        if call.once is not None:
            return _bounded(f"once:{self._context.app_id}:", call.once)
        return _bounded(f"run:{self._context.execution_id}:", call.key)

    def _first_time(self, action: str, calls: Sequence[EffectCall]) -> list[bool]:
        """Which calls may happen: those without `once_per`, and those whose key nobody has claimed."""
        keyed = [(self.identity(call), call.key) for call in calls if call.once is not None]
        if not keyed:
            return [True] * len(calls)
        claimed = claim_keys(keyed, action, self._context.execution_id, self._work.claimed.fence)
        fresh = []
        for call in calls:
            key = self.identity(call)
            fresh.append(call.once is None or key in claimed)
            claimed.discard(key)
        return fresh


def _bounded(prefix: str, text: str) -> str:
    """A long key is replaced by its digest: every table that keeps it has room for the rest."""
    if len(prefix) + len(text) <= LONGEST_KEY:
        return prefix + text
    return prefix + "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def applied(plugin: LocalAction, batch: Sequence[Call], context: ActionContext) -> Sequence[Mapping[str, Any]]:
    """What the action says of each call; raises StepError for what it or the database refuses, and TooMuchAtOnce."""
    try:
        return plugin.apply(batch, context)
    except TooMuchAtOnce:
        raise
    except PlatformError as error:
        raise step_error(error) from error
    except OperationalError:
        # The connection is gone: this attempt is over, the next one begins from the journal.
        raise
    except DatabaseError as error:
        if isinstance(error.__cause__, IdleInTransactionSessionTimeout):
            # We were taken for gone: another one has the run, or will.
            raise
        raise StepError(
            f"The database refused what {plugin.name} asked for: {str(error).splitlines()[0]}",
            code="database_refused",
            hint="Look at what this step saw.",
        ) from error
