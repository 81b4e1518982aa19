"""Writing a conversation down. Everything here runs inside the tenant's scope.

An answer is written while it streams: whoever holds no connection any more finds it in the record. Each write names
the state it expects, so an answer that was stopped or given up accepts nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.gate.decision import supersede
from chat.model.port import Answered, CallResult, Done, Failed, Said, Transcript
from chat.models import Author, CallState, Conversation, Message, MessageState, PendingCall
from chat.person import person_id
from chat.turns.allowance import count_answer, spend_message
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal

LONGEST_MESSAGE = 8_000
LONGEST_TITLE = 80
MOST_WORDS = 8
# A turn writes a sign of life every few seconds; one that wrote none for so long has died with its process.
ABANDONED_AFTER = timedelta(seconds=20)

STOPPED = {"code": "stopped", "message": "You stopped this answer.", "hint": ""}
CUT_OFF = {
    "code": "interrupted",
    "message": "This answer was cut off: the server that wrote it stopped.",
    "hint": "What had arrived is kept. Ask again to go on.",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """Something said, and the answer that is to be written. `first_id` is the first message that changed."""

    conversation_id: int
    first_id: int
    answer_id: int


class MessageRefused(PlatformError):
    """An empty or endless message."""

    code = "message_refused"
    status = 422


class StillAnswering(PlatformError):
    """One answer at a time."""

    code = "still_answering"
    status = 409
    retryable = True


def own_conversation(principal: Principal, conversation_id: int, *, lock: bool = False) -> Conversation:
    """The person's own conversation; raises NotFound for anybody else's.

    Who is going to change it locks it first: a message and a decision that come at once then follow each other.
    """
    conversations = Conversation.objects.select_for_update() if lock else Conversation.objects.all()
    conversation = conversations.filter(pk=conversation_id, owner_id=person_id(principal)).first()
    if conversation is None:
        raise NotFound("There is no such conversation.", hint="Choose one of yours, or begin a new one.")
    return conversation


def open_conversation(principal: Principal, text: str) -> Conversation:
    """A new conversation named after its first words."""
    words = " ".join(_checked(text).split())
    title = words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1].rstrip()}…"
    title = f"{title[:1].upper()}{title[1:]}"
    return Conversation.objects.create(owner_id=person_id(principal), title=title)


def say(principal: Principal, conversation_id: int, text: str) -> Exchange:
    """Write down what the person says, and begin the answer; raises StillAnswering, MessageRefused, MessagesUsedUp,
    NotFound.
    """
    said = _checked(text)
    conversation = own_conversation(principal, conversation_id, lock=True)
    give_up_abandoned(conversation_id)
    if Message.objects.filter(conversation=conversation, state=MessageState.STREAMING).exists():
        raise StillAnswering("The last answer is still being written.", hint="Wait for it, or stop it.")
    spend_message()
    superseded = supersede(conversation)
    message = Message.objects.create(conversation=conversation, author=Author.PERSON, text=said)
    conversation.save(update_fields=["updated_at"])
    return Exchange(conversation_id, min([*superseded, message.pk]), begin_answer(conversation_id).pk)


def rename(principal: Principal, conversation_id: int, title: str) -> Conversation:
    """Give a conversation another title; raises MessageRefused for an empty one, NotFound."""
    conversation = own_conversation(principal, conversation_id, lock=True)
    conversation.title = _checked(" ".join(title.split()))[:LONGEST_TITLE]
    # When it was last talked in stays as it is.
    Conversation.objects.filter(pk=conversation.pk).update(title=conversation.title)
    return conversation


def own_conversations(principal: Principal, words: str = "") -> QuerySet[Conversation]:
    """The person's conversations, latest first; with words, those in which all of them were said."""
    found = Conversation.objects.filter(owner_id=person_id(principal))
    for word in words.split()[:MOST_WORDS]:
        said = Message.objects.filter(conversation_id=OuterRef("pk"), text__icontains=word)
        found = found.filter(Q(title__icontains=word) | Exists(said))
    return found


def begin_answer(conversation_id: int) -> Message:
    """An empty answer, to be written as it streams."""
    return Message.objects.create(conversation_id=conversation_id, author=Author.MODEL, state=MessageState.STREAMING)


def lock_for_decision(principal: Principal, call_pk: int) -> None:
    """Lock the conversation that a proposal belongs to, if it is the person's; raises NotFound."""
    call = PendingCall.objects.select_related("message").filter(pk=call_pk, user_id=person_id(principal)).first()
    if call is None:
        raise NotFound("There is no such proposal.", hint="Open the conversation again.")
    own_conversation(principal, call.message.conversation_id, lock=True)


def write_text(answer_id: int, text: str) -> bool:
    """Keep what arrived so far, and show that the turn lives; False when the answer takes nothing more."""
    return _update(answer_id, text=text)


def close_answer(answer_id: int, text: str, done: Done, results: Mapping[str, CallResult], model: str) -> bool:
    """Complete the answer; False when it had been stopped or given up before. What it took is counted either way."""
    count_answer(done.usage)
    return _update(
        answer_id,
        state=MessageState.COMPLETE,
        text=text,
        blocks=list(done.blocks),
        results=stored_results(results),
        suggestions=list(done.suggestions),
        usage=dict(done.usage),
        model=model,
    )


def fail_answer(answer_id: int, failed: Failed, text: str | None = None) -> bool:
    """Keep what arrived (`text`, or what is stored where it is None), and say why there is no more."""
    notice = {"code": failed.code, "message": failed.message, "hint": failed.hint, "retryable": failed.retryable}
    arrived = {} if text is None else {"text": text}
    return _update(answer_id, state=MessageState.FAILED, notice=notice, **arrived)


def note(answer_id: int, notice: Mapping[str, Any]) -> None:
    """Add a remark of the platform to a complete answer."""
    Message.objects.filter(pk=answer_id).update(notice=dict(notice), revision=F("revision") + 1)


def leave_out(answer_id: int) -> None:
    """Keep an answer, and what it answers, from the model's eyes (a refusal must not be shown to it again)."""
    answer = Message.objects.get(pk=answer_id)
    said = Message.objects.filter(conversation_id=answer.conversation_id, author=Author.PERSON, pk__lt=answer_id).last()
    Message.objects.filter(pk__in=[answer_id, said.pk if said else answer_id]).update(in_context=False)


def stop_answer(conversation_id: int) -> None:
    """The person wants no more of the answer that is being written."""
    answers = Message.objects.filter(conversation_id=conversation_id, state=MessageState.STREAMING)
    answers.update(state=MessageState.STOPPED, notice=STOPPED, revision=F("revision") + 1)


def give_up_abandoned(conversation_id: int) -> None:
    """Close the answer of a turn that died with its process."""
    silent = Message.objects.filter(
        conversation_id=conversation_id,
        state=MessageState.STREAMING,
        updated_at__lt=timezone.now() - ABANDONED_AFTER,
    )
    silent.update(state=MessageState.INTERRUPTED, notice=CUT_OFF, revision=F("revision") + 1)


def transcript_of(principal: Principal, conversation_id: int) -> Transcript:
    """What the model may see: everything said so far, without the answer that is being written."""
    messages = Message.objects.filter(conversation_id=conversation_id, in_context=True)
    tenant = Tenant.objects.get(pk=principal.tenant_id)
    entries = tuple(_entry(message) for message in messages.exclude(state=MessageState.STREAMING))
    return Transcript(entries, tenant.name, tenant.timezone, principal.label)


def stored_results(results: Mapping[str, CallResult]) -> dict[str, Any]:
    """Results as the record keeps them."""
    return {call_id: {"value": result.value, "refused": result.refused} for call_id, result in results.items()}


def waits_for_person(answer_id: int) -> bool:
    """Whether a call of the answer is still undecided."""
    return Message.objects.filter(pk=answer_id, calls__state=CallState.PENDING).exists()


def _entry(message: Message) -> Said | Answered:
    if message.author == Author.PERSON:
        return Said(message.text)
    results = {call_id: CallResult(**result) for call_id, result in message.results.items()}
    return Answered(message.text, message.blocks, results)


def _update(answer_id: int, **values: Any) -> bool:
    writable = Message.objects.filter(pk=answer_id, state=MessageState.STREAMING)
    return bool(writable.update(revision=F("revision") + 1, updated_at=timezone.now(), **values))


def _checked(text: str) -> str:
    said = text.replace("\x00", "").strip()
    if not said:
        raise MessageRefused("There is nothing in this message.", hint="Describe what should happen.")
    if len(said) > LONGEST_MESSAGE:
        raise MessageRefused(
            f"A message has at most {LONGEST_MESSAGE:,} characters; this one has {len(said):,}.", hint="Shorten it."
        )
    return said
