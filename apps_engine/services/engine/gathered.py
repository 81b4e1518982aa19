"""The ports of runs that share one transaction: their actions are gathered, and applied for all of them at once."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db import connection

from apps_engine.contracts import ActionContext, Call, LocalAction, TooMuchAtOnce
from apps_engine.runtime.errors import StepError, Stopped
from apps_engine.services.engine.effects import TenantEffects, applied
from apps_engine.services.engine.together import Together
from apps_engine.services.engine.work import HANDED_BACK, FencedWork, savepoint
from apps_engine.services.quotas import spend
from apps_engine.store.claims import Claimed
from apps_engine.store.models import App
from decommerce.stopping import is_stopping
from decommerce.tenancy.cause import Cause, caused_by

# The steps of a batch are many and short. Those that begin sooner after a look rely on it, and on the one at the end.
LOOK_SECONDS = 0.05
# Others wait for the worker and for the rows that a batch holds: after this time none of its runs begins.
LONGEST_SECONDS = 1.0
_STATUS = "SELECT status FROM engine_app WHERE id = %s"
Result = Mapping[str, Any]
Answer = Sequence[Result] | StepError


class NotTogether(Exception):
    """Something that only a run by itself can do or survive: nothing of the batch is kept, and its runs go alone."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Calls of one action that a run waits for."""

    plugin: LocalAction
    calls: Sequence[Call]
    context: ActionContext
    cause: Cause

    @property
    def kin(self) -> tuple[Any, ...]:
        """Wishes of the same kin may be granted together: nothing that the action sees of its run differs."""
        return self.plugin.name, self.cause.chain, self.context.session_key


class Watch:
    """Whether the runs of a batch may go on, looked at for all of them together."""

    def __init__(self, app_id: int) -> None:
        self._app_id = app_id
        self._status: str = App.Status.ACTIVE
        self._looked_at = -math.inf
        self._began_at = time.monotonic()

    def is_over(self) -> bool:
        """Whether no more runs begin: the batch has lasted long enough, or the worker stops."""
        return is_stopping() or time.monotonic() - self._began_at >= LONGEST_SECONDS

    def check(self) -> None:
        """Raise Stopped where the app was seen to be paused or deleted, now or a moment ago."""
        if self._status != App.Status.ACTIVE or time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self.look()

    def look(self) -> None:
        """Raise Stopped where the app is paused or deleted, or was so at an earlier look."""
        if self._status == App.Status.ACTIVE:
            self._looked_at = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(_STATUS, [self._app_id])
                (self._status,) = cursor.fetchone()
        if self._status != App.Status.ACTIVE:
            raise Stopped(self._status)


class SharedWork(FencedWork):
    """The transaction of a whole batch, as one of its runs sees it: nothing is committed before all are done."""

    def __init__(self, claimed: Claimed, watch: Watch) -> None:
        super().__init__(claimed)
        self._watch = watch

    def open(self, *, to_read: bool = False) -> None:
        raise NotTogether("a transaction of its own")

    def check(self) -> None:
        if not self.journal.entries and self._watch.is_over():
            raise Stopped(HANDED_BACK)
        self._watch.check()

    @contextmanager
    def step(self) -> Iterator[None]:
        """What is asked of the database is asked for several runs, inside a savepoint of theirs."""
        yield

    def commit(self, lease_seconds: float | None = None, ending: Mapping[str, Any] | None = None) -> None:
        """The batch is short: what has been open for long in the eyes of one run ends with it."""

    def rollback(self) -> None:
        raise NotTogether("a fault of the engine or of the database")


class GatheredEffects(TenantEffects):
    """The effects of one run of the batch."""

    def __init__(self, context: ActionContext, work: FencedWork, cause: Cause, together: Together[Wish, Any]) -> None:
        super().__init__(context, work)
        self._cause = cause
        self._together = together

    def perform(self, plugin: LocalAction, batch: Sequence[Call]) -> Sequence[Result]:
        if not all(plugin.shared(call.params) for call in batch):
            raise NotTogether(plugin.name)
        results: Sequence[Result] = self._together.ask(Wish(plugin, batch, self._context, self._cause))
        return results


def grant(wishes: Sequence[Wish], watch: Watch) -> Sequence[Answer]:
    """An answer for each wish of one app's runs, in order; raises Stopped, and begins nothing, once that is paused."""
    watch.look()
    # Runs that stand at the same step are neighbours; what is sorted further would change their order.
    return [answer for _, kin in groupby(wishes, lambda wish: wish.kin) for answer in _granted(list(kin))]


def _granted(wishes: Sequence[Wish]) -> Iterator[Answer]:
    """All of them with bulk statements; where that is refused one by one, which finds the culprit."""
    try:
        yield from _applied(wishes)
    except StepError as error:
        if len(wishes) == 1:
            yield error
            return
        for wish in wishes:
            yield from _granted([wish])


def _applied(wishes: Sequence[Wish]) -> list[Sequence[Result]]:
    first = wishes[0]
    calls = [call for wish in wishes for call in wish.calls]
    with caused_by(replace(first.cause, execution_id=None)), savepoint():
        spend(first.plugin.spends, len(calls))
        try:
            results = iter(applied(first.plugin, calls, first.context))
        except TooMuchAtOnce as error:
            raise NotTogether(error.message) from error
    return [[next(results) for _ in wish.calls] for wish in wishes]
