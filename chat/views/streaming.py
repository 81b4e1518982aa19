"""The asynchronous edge: sending, deciding and following, answered as server-sent events.

These views outlive the middleware's tenant scope, so each body opens its own. Where JavaScript is off the same
addresses answer with a redirect to the conversation.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from functools import wraps
from typing import Any

from django.http import HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from apps_engine.api.rates import spend
from chat.gate.decision import confirm, reject
from chat.model.choice import model_for
from chat.models import Message, PendingCall
from chat.turns import record
from chat.turns.background import run_in_background
from chat.turns.follow import Alive, follow
from chat.turns.turn import Turn
from chat.views.access import TeamRequest, check_seat, show_error, to_sign_in
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import Principal
from decommerce.tenancy.threads import in_tenant

SCOPE = "apps:read"
EVENT_STREAM = "text/event-stream"

VERDICTS: Mapping[str, Callable[[Principal, int, str], PendingCall]] = {"confirm": confirm, "reject": reject}

AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def for_team(view: AsyncView) -> AsyncView:
    """The view is for people of the team; an error is JSON where a stream was asked for, else a page."""

    @wraps(view)
    async def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return JsonResponse({"code": "signed_out"}, status=401) if _wants_stream(request) else to_sign_in(request)
        try:
            check_seat(request, SCOPE)
            return await view(request, *args, **kwargs)
        except PlatformError as error:
            if _wants_stream(request):
                return JsonResponse(error.as_dict(), status=error.status)
            return show_error(request, error)

    return guarded


@require_POST
@for_team
async def begin(request: TeamRequest) -> HttpResponseBase:
    """Open a conversation with its first message; its page follows the answer."""
    principal = request.principal
    exchange = await in_tenant(principal, _open_and_say, principal, request.POST.get("text", ""))
    _answer(principal, exchange.conversation_id, exchange.answer_id)
    return redirect("conversation", conversation_id=exchange.conversation_id)


@require_POST
@for_team
async def send(request: TeamRequest, conversation_id: int) -> HttpResponseBase:
    """Say something and stream the answer."""
    principal = request.principal
    text = request.POST.get("text", "")
    exchange = await in_tenant(principal, _say, principal, conversation_id, text)
    _answer(principal, conversation_id, exchange.answer_id)
    return _stream_from(request, conversation_id, exchange.first_id)


@require_GET
@for_team
async def stream(request: TeamRequest, conversation_id: int) -> HttpResponseBase:
    """Follow the conversation again from a message on: after a reload or a lost connection (CHT-08)."""
    await in_tenant(request.principal, record.own_conversation, request.principal, conversation_id)
    # A browser's own EventSource says where it was (HTML, server-sent events); our page says it in the address.
    first = request.headers.get("Last-Event-ID") or request.GET.get("from", "")
    return _stream_from(request, conversation_id, int(first) if first.isdecimal() and len(first) < 19 else 0)


@require_POST
@for_team
async def decide(request: TeamRequest, call_id: int, verdict: str) -> HttpResponseBase:
    """Confirm or reject a proposed change, and stream what comes of it."""
    principal = request.principal
    said = request.POST.get("reason" if verdict == "reject" else "digest", "")
    call, answer_id = await in_tenant(principal, _decide, principal, call_id, verdict, said)
    conversation_id = call.message.conversation_id
    if answer_id is not None:
        _answer(principal, conversation_id, answer_id)
    return _stream_from(request, conversation_id, call.message_id)


def _open_and_say(principal: Principal, text: str) -> record.Exchange:
    spend(principal, "write")
    conversation = record.open_conversation(principal, text)
    return record.say(principal, conversation.pk, text)


def _say(principal: Principal, conversation_id: int, text: str) -> record.Exchange:
    spend(principal, "write")
    return record.say(principal, conversation_id, text)


def _decide(principal: Principal, call_id: int, verdict: str, said: str) -> tuple[PendingCall, int | None]:
    spend(principal, "write")
    decided = VERDICTS.get(verdict)
    if decided is None:
        raise NotFound("A proposal is confirmed or rejected.", hint="Go back to the conversation.")
    record.lock_for_decision(principal, call_id)
    call = decided(principal, call_id, said)
    if record.waits_for_person(call.message_id):
        return call, None
    return call, record.begin_answer(call.message.conversation_id).pk


def _answer(principal: Principal, conversation_id: int, answer_id: int) -> None:
    run_in_background(Turn(principal, conversation_id, answer_id, model_for(principal)).run())


def _stream_from(request: TeamRequest, conversation_id: int, first_id: int) -> HttpResponseBase:
    if not _wants_stream(request):
        return redirect("conversation", conversation_id=conversation_id)
    response = StreamingHttpResponse(_events(request, conversation_id, first_id), content_type=EVENT_STREAM)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _events(request: TeamRequest, conversation_id: int, first_id: int) -> AsyncIterator[str]:
    def draw(message: Message) -> str:
        return render_to_string("chat/message.html", {"message": message}, request=request)

    async for change in follow(request.principal, conversation_id, first_id, draw):
        if isinstance(change, Alive):
            yield ": alive\n\n"
            continue
        data = {"id": change.message_id, "state": change.state, "text": change.text, "html": change.html}
        yield f"id: {change.message_id}\nevent: message\ndata: {json.dumps(data)}\n\n"
    yield "event: done\ndata: {}\n\n"


def _wants_stream(request: TeamRequest) -> bool:
    return EVENT_STREAM in request.headers.get("Accept", "")
