"""The pages of the chat: the person's conversations, one of them, stopping and deleting."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chat.composer.examples import EXAMPLES
from chat.model.choice import is_model_connected
from chat.models import Message, MessageState
from chat.turns import record
from chat.turns.record import give_up_abandoned, own_conversation, stop_answer
from chat.views.access import TeamRequest, page_for
from chat.views.page import show

SHOWN = 60
LONGEST_SEARCH = 200


@require_safe
@page_for()
def conversations(request: TeamRequest) -> HttpResponse:
    """A place to begin, and what was talked about before."""
    return _show(request, {"examples": EXAMPLES})


@require_safe
@page_for()
def conversation(request: TeamRequest, conversation_id: int) -> HttpResponse:
    """One conversation; if an answer is being written, the page follows it."""
    talk = own_conversation(request.principal, conversation_id)
    give_up_abandoned(conversation_id)
    messages = list(Message.objects.filter(conversation=talk).prefetch_related("calls"))
    running = next((message.pk for message in messages if message.state == MessageState.STREAMING), None)
    return _show(request, {"conversation": talk, "messages": messages, "running": running})


@require_POST
@page_for()
def stop(request: TeamRequest, conversation_id: int) -> HttpResponse:
    """Stop the answer that is being written."""
    stop_answer(own_conversation(request.principal, conversation_id).pk)
    return redirect("conversation", conversation_id=conversation_id)


@require_POST
@page_for()
def rename(request: TeamRequest, conversation_id: int) -> HttpResponse:
    """Give a conversation another title."""
    record.rename(request.principal, conversation_id, request.POST.get("title", ""))
    return redirect("conversation", conversation_id=conversation_id)


@require_POST
@page_for()
def delete(request: TeamRequest, conversation_id: int) -> HttpResponse:
    """Delete a conversation with everything said in it (CHT-02). Apps made in it stay."""
    own_conversation(request.principal, conversation_id).delete()
    return HttpResponseRedirect(f"{reverse('conversations')}?done=conversation-deleted")


def _show(request: TeamRequest, context: dict) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH]
    own = record.own_conversations(request.principal, words)[:SHOWN]
    frame = {"conversations": own, "words": words, "connected": is_model_connected()}
    return show(request, "chat/chat.html", {**frame, **context}, section="chat")
