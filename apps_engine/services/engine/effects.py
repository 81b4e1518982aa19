"""Performing actions: local ones in the run's transaction, external ones claimed, frozen, sent and recorded.

docs/execution.md 6 to 8, RUN-05.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import OperationalError

from apps_engine.contracts import ActionContext, Call, ExternalAction, LocalAction, Repeatable, Request
from apps_engine.language.jsontext import dumps
from apps_engine.registry import registry
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.ports import EffectCall
from apps_engine.services.engine.parameters import checked_params
from apps_engine.services.engine.work import FencedWork
from apps_engine.store.effects import claim_keys
from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.errors import PlatformError

LONGEST_KEY = 200
ALREADY_DONE = {"skipped": "already_done"}


class TenantEffects:
    """The effects of one execution."""

    def __init__(self, context: ActionContext, work: FencedWork) -> None:
        self._context = context
        self._work = work

    def spending(self, action: str) -> str | None:
        return registry.actions[action].spends

    def apply(self, action: str, calls: Sequence[EffectCall]) -> list[dict[str, Any]]:
        plugin = registry.actions[action]
        assert isinstance(plugin, LocalAction)
        checked = [Call(checked_params(plugin, call.params), self.identity(call)) for call in calls]
        fresh = self._first_time(action, calls)
        batch = [call for call, is_fresh in zip(checked, fresh, strict=True) if is_fresh]
        results = iter(_applied(plugin, batch, self._context) if batch else ())
        return [dict(next(results)) if is_fresh else dict(ALREADY_DONE) for is_fresh in fresh]

    def call(self, action: str, call: EffectCall, path: str) -> dict[str, Any]:
        plugin = registry.actions[action]
        assert isinstance(plugin, ExternalAction)
        params = checked_params(plugin, call.params)
        self._work.open()
        effect = self._claimed(plugin, Call(params, self.identity(call)), path)
        if effect.state == Effect.State.DONE:
            return dict(effect.response)
        request = _thawed(effect.request)
        # The lease outlives the call made under it.
        self._work.commit(request.deadline_seconds + settings.LEASE_SECONDS / 2)
        try:
            response = plugin.send(request, self._context)
        except PlatformError as error:
            raise self._refused(plugin, effect, error) from error
        self._work.open()
        self._settle(effect, Effect.State.DONE, response=dict(response.result))
        return dict(response.result)

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

    def _claimed(self, plugin: ExternalAction, call: Call, path: str) -> Effect:
        """Our claim on the call, or what an earlier claim left; decides what a crash in between means."""
        effect = Effect.objects.select_for_update().filter(idem_key=call.key).first()
        if effect is None:
            return self._new_claim(plugin, call, path)
        if effect.state == Effect.State.DONE:
            return effect
        if effect.execution_id != self._context.execution_id and self._is_live(effect):
            raise StepError(
                "Another run is making this very call.",
                code="effect_in_progress",
                hint="It is tried again later.",
                retryable=True,
            )
        ambiguous = effect.state in (Effect.State.CLAIMED, Effect.State.UNKNOWN)
        if ambiguous and plugin.repeatable is Repeatable.NEVER:
            self._settle(effect, Effect.State.UNKNOWN)
            self._work.commit()
            raise StepError(
                "Nobody knows whether this call arrived: the worker died between sending it and hearing the answer.",
                code="effect_unknown",
                hint="Look at the other side, then settle it by hand.",
                sent=True,
            )
        self._settle(effect, Effect.State.CLAIMED)
        return effect

    def _new_claim(self, plugin: ExternalAction, call: Call, path: str) -> Effect:
        try:
            request = plugin.prepare(call, self._context)
        except PlatformError as error:
            raise step_error(error) from error
        frozen = {"kind": request.kind, "body": dict(request.body), "deadline_seconds": request.deadline_seconds}
        return Effect.objects.create(
            idem_key=call.key,
            execution_id=self._context.execution_id,
            path=path,
            action=plugin.name,
            request=frozen,
            fingerprint=hashlib.sha256(dumps(frozen, sort_keys=True).encode()).hexdigest(),
            fence=self._work.claimed.fence,
        )

    def _refused(self, plugin: ExternalAction, effect: Effect, error: PlatformError) -> StepError:
        """Record how the call failed. Sent, without an answer and not repeatable: unknown, never silently repeated."""
        ambiguous = error.sent and error.retryable
        lost = ambiguous and plugin.repeatable is Repeatable.NEVER
        state = Effect.State.UNKNOWN if lost else Effect.State.CLAIMED if ambiguous else Effect.State.FAILED
        self._work.open()
        self._settle(effect, state, error=error.as_dict())
        self._work.commit()
        return step_error(error, retryable=error.retryable and not lost)

    def _settle(self, effect: Effect, state: str, **fields: Any) -> None:
        fields |= {"state": state, "fence": self._work.claimed.fence}
        for name, value in fields.items():
            setattr(effect, name, value)
        effect.save(update_fields=[*fields, "updated_at"])

    @staticmethod
    def _is_live(effect: Effect) -> bool:
        live = (Execution.State.QUEUED, Execution.State.RUNNING)
        return bool(Execution.objects.filter(pk=effect.execution_id, state__in=live).exists())


def _thawed(frozen: Mapping[str, Any]) -> Request:
    """The request as it was frozen; a decimal that came back from the database is a number of seconds again."""
    return Request(frozen["kind"], frozen["body"], float(frozen["deadline_seconds"]))


def _bounded(prefix: str, text: str) -> str:
    """A long key is replaced by its digest: every table that keeps it has room for the rest."""
    if len(prefix) + len(text) <= LONGEST_KEY:
        return prefix + text
    return prefix + "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def step_error(error: PlatformError, *, retryable: bool | None = None) -> StepError:
    """A platform error as the runtime knows it."""
    may_retry = error.retryable if retryable is None else retryable
    return StepError(error.message, code=error.code, hint=error.hint, retryable=may_retry, sent=error.sent)


def _applied(plugin: LocalAction, batch: Sequence[Call], context: ActionContext) -> Sequence[Mapping[str, Any]]:
    try:
        return plugin.apply(batch, context)
    except PlatformError as error:
        raise step_error(error) from error
    except OperationalError:
        # The connection is gone: this attempt is over, the next one begins from the journal.
        raise
    except DatabaseError as error:
        raise StepError(
            f"The database refused what {plugin.name} asked for: {str(error).splitlines()[0]}",
            code="database_refused",
            hint="Look at what this step saw.",
        ) from error
