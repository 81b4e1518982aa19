"""An outside call as it is kept: frozen before it is made, and told how it ended (docs/execution.md 7 and 8)."""

from __future__ import annotations

import hashlib

from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.language.jsontext import dumps
from apps_engine.runtime.errors import StepError
from apps_engine.store.models import Effect
from decommerce.tenancy.errors import PlatformError


def freeze(plugin: ExternalAction, call: Call, path: str, context: ActionContext, fence: int) -> Effect:
    """The claim on a call with its prepared request, not stored yet; raises StepError."""
    try:
        request = plugin.prepare(call, context)
    except PlatformError as error:
        raise step_error(error) from error
    frozen = {"kind": request.kind, "body": dict(request.body), "deadline_seconds": request.deadline_seconds}
    return Effect(
        idem_key=call.key,
        execution_id=context.execution_id,
        path=path,
        action=plugin.name,
        request=frozen,
        fingerprint=hashlib.sha256(dumps(frozen, sort_keys=True).encode()).hexdigest(),
        fence=fence,
    )


def thaw(effect: Effect) -> Request:
    """The request as it was frozen; a decimal that came back from the database is a number of seconds again."""
    frozen = effect.request
    return Request(frozen["kind"], frozen["body"], float(frozen["deadline_seconds"]))


def answer(effect: Effect, response: Response) -> None:
    """The call was answered."""
    effect.state, effect.response, effect.error = Effect.State.DONE, dict(response.result), None


def refuse(plugin: ExternalAction, effect: Effect, error: PlatformError, *, in_doubt: bool = False) -> StepError:
    """The call failed. One that may have had its effect stays claimed; where it must not be repeated, it is unknown.

    What only reads has none, and what was declined has not had it. Where an earlier attempt left the call `in_doubt`,
    only a final answer ends that: its key was known to whoever gave it.
    """
    repeats = plugin.repeats(thaw(effect))
    final = error.sent and not error.retryable
    may_have_happened = (in_doubt and not final) or (error.sent and error.retryable and not error.declined)
    ambiguous = may_have_happened and repeats is not Repeatable.SAFELY
    lost = ambiguous and repeats is Repeatable.NEVER
    effect.state = Effect.State.UNKNOWN if lost else Effect.State.CLAIMED if ambiguous else Effect.State.FAILED
    effect.error = error.as_dict()
    return step_error(error, retryable=error.retryable and not lost)


def step_error(error: PlatformError, *, retryable: bool | None = None) -> StepError:
    """A platform error as the runtime knows it."""
    may_retry = error.retryable if retryable is None else retryable
    return StepError(
        error.message,
        code=error.code,
        hint=error.hint,
        retryable=may_retry,
        sent=error.sent,
        retry_after=error.retry_after,
    )
