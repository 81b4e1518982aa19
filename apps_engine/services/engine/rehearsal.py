"""The ports of a dry run: the same engine on real data, in a transaction that is always rolled back (RUN-12)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps_engine.contracts import ActionContext, ExternalAction
from apps_engine.registry import registry
from apps_engine.runtime.meter import Meter
from apps_engine.runtime.ports import EffectCall
from apps_engine.services.engine.effects import TenantEffects
from apps_engine.services.engine.frozen import step_error
from apps_engine.services.engine.work import FencedWork, savepoint
from apps_engine.store.claims import Claimed
from apps_engine.store.models import Execution
from decommerce.tenancy.errors import PlatformError

MOST_SHOWN = 200
# Somebody waits for a rehearsal: its statements end when it has to, and the last one has a moment at least.
MOST_SECONDS, LEAST_SECONDS = 20, 0.1


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One effect that a real run would have."""

    path: str
    action: str
    params: dict[str, Any]
    result: dict[str, Any]
    sent_outside: bool


class RehearsalWork(FencedWork):
    """Commits nothing: the caller's transaction is rolled back."""

    def __init__(self, execution: Execution, seconds: int) -> None:
        super().__init__(Claimed(execution.pk, execution.tenant_id, execution.app_id, "", 0, 1))
        self._ends = time.monotonic() + min(seconds, MOST_SECONDS)

    def check(self) -> None:
        """Nobody pauses a rehearsal."""

    @contextmanager
    def step(self) -> Iterator[None]:
        left = max(self._ends - time.monotonic(), LEAST_SECONDS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{left * 1000:.0f}ms"])
        with savepoint():
            yield

    def open(self, *, to_read: bool = False) -> None:
        """The caller is in the tenant's scope."""

    def commit(self, lease_seconds: float | None = None, ending: Mapping[str, Any] | None = None) -> None:
        self.journal.take()


class RehearsalEffects(TenantEffects):
    """Local actions happen and are undone with the transaction; external ones are prepared and previewed.

    `rehearsed` keeps the first of them to be shown, `counts` all of them by action.
    """

    def __init__(self, context: ActionContext, work: RehearsalWork) -> None:
        super().__init__(context, work)
        self.rehearsed: list[Rehearsed] = []
        self.counts: Counter[str] = Counter()

    def apply(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any]]:
        results = super().apply(action, calls, meter)
        for call, result in zip(calls, results, strict=True):
            self._note(Rehearsed(call.key, action, dict(call.params), result, False))
        return results

    def call(self, action: str, call: EffectCall, meter: Meter) -> dict[str, Any]:
        plugin = registry.actions[action]
        assert isinstance(plugin, ExternalAction)
        try:
            request = plugin.prepare(self.checked(plugin, call), self._context)
        except PlatformError as error:
            raise step_error(error) from error
        meter.spend(plugin.spends, 1)
        result = dict(plugin.preview(request))
        self._note(Rehearsed(call.key, action, dict(call.params), result, True))
        return result

    def may_run_ahead(self, action: str) -> bool:
        """A rehearsal calls nobody, so there is nothing to make at once."""
        return False

    def _note(self, effect: Rehearsed) -> None:
        self.counts[effect.action] += 1
        if len(self.rehearsed) < MOST_SHOWN:
            self.rehearsed.append(effect)
