"""Confirming and rejecting: each proposed change is decided once, by the person who saw it (CHT-03, SEC-06).

The row's lock makes parallel decisions wait for each other: the second finds the call decided.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps_engine.language.errors import LanguageError
from apps_engine.services.apps import hold_app
from chat.gate.digest import digest_of
from chat.model.port import CallResult
from chat.models import CallState, Conversation, Message, PendingCall
from chat.person import person_id
from chat.toolbox import Toolbox, refusal
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import Principal

REJECTED = {"code": "rejected", "message": "The person rejected this call. Nothing was changed."}
LONGEST_REASON = 2_000
SUPERSEDED = {
    "code": "superseded",
    "message": "A new message came instead of a decision. Nothing was changed.",
}
EXPIRED = {
    "code": "expired",
    "message": "The time to confirm was over. Nothing was changed.",
    "hint": "Propose the call again.",
}
APP_CHANGED = {
    "code": "version_conflict",
    "message": "The app was changed after this was proposed. Nothing was changed by this call.",
    "hint": "Look at the app again and propose the call anew.",
}


class CallDecided(PlatformError):
    """A decision is made once."""

    code = "call_decided"
    status = 409


class CallChanged(PlatformError):
    """What the person saw is not what is stored."""

    code = "call_changed"
    status = 409


def confirm(principal: Principal, call_pk: int, digest: str) -> PendingCall:
    """Run exactly what was shown, as the person; raises CallDecided, CallChanged, NotFound.

    An expired call and an app that changed meanwhile are decisions too: they are written down and returned.
    """
    call = _undecided(principal, call_pk)
    if digest != call.digest or _digest_now(call) != call.digest:
        raise CallChanged("This is not the change that was shown.", hint="Reload the page and look at it again.")
    if call.expires_at <= timezone.now():
        return _settle(call, CallState.EXPIRED, CallResult(EXPIRED, refused=True))
    if call.app_id is not None and _version_of(call.app_id) != call.app_version:
        return _settle(call, CallState.FAILED, CallResult(APP_CHANGED, refused=True))
    try:
        with transaction.atomic():
            value = Toolbox(principal).run(call.tool, call.arguments)
    except (PlatformError, LanguageError) as error:
        return _settle(call, CallState.FAILED, refusal(error))
    record_audit(principal, "call.confirmed", f"pending_call:{call.pk}", {"tool": call.tool, "digest": call.digest})
    return _settle(call, CallState.EXECUTED, CallResult(value))


def reject(principal: Principal, call_pk: int, reason: str = "") -> PendingCall:
    """The person says no, whatever they saw; the reason goes back to the model. Raises CallDecided, NotFound."""
    call = _undecided(principal, call_pk)
    record_audit(principal, "call.rejected", f"pending_call:{call.pk}", {"tool": call.tool})
    why = {"reason": reason.strip()[:LONGEST_REASON]} if reason.strip() else {}
    return _settle(call, CallState.REJECTED, CallResult({**REJECTED, **why}, refused=True))


def supersede(conversation: Conversation) -> list[int]:
    """The talk went on: what was proposed before can no longer be confirmed. Returns the messages it was part of."""
    waiting = PendingCall.objects.select_for_update(of=("self",)).filter(
        message__conversation=conversation, state=CallState.PENDING
    )
    return [_settle(call, CallState.SUPERSEDED, CallResult(SUPERSEDED, refused=True)).message_id for call in waiting]


def _undecided(principal: Principal, call_pk: int) -> PendingCall:
    call = PendingCall.objects.select_for_update().filter(pk=call_pk, user_id=person_id(principal)).first()
    if call is None:
        raise NotFound("There is no such proposal.", hint="Open the conversation again.")
    if call.state != CallState.PENDING:
        raise CallDecided(f"This was decided before: {call.get_state_display().lower()}.", hint="Reload the page.")
    return call


def _digest_now(call: PendingCall) -> str:
    return digest_of(call.tool, call.arguments, app_id=call.app_id, app_version=call.app_version, user_id=call.user_id)


def _version_of(app_id: int) -> int | None:
    app = hold_app(app_id)
    return app.version_number if app else None


def _settle(call: PendingCall, state: CallState, result: CallResult) -> PendingCall:
    message = Message.objects.select_for_update().get(pk=call.message_id)
    stored = {"value": result.value, "refused": result.refused}
    results = {**message.results, call.call_id: stored}
    Message.objects.filter(pk=message.pk).update(results=results, revision=F("revision") + 1)
    call.state = state
    call.outcome = stored
    call.decided_at = timezone.now()
    call.save(update_fields=["state", "outcome", "decided_at"])
    return call
