"""What becomes of a complete answer: reads run, changes wait for the person, and the model may go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from apps_engine.language.errors import LanguageError
from chat.gate.proposal import propose
from chat.model.port import CallResult, Done, Stop, ToolCall
from chat.models import Message
from chat.toolbox import Toolbox, refusal
from chat.turns import record
from chat.turns.draft import Draft
from decommerce.tenancy.errors import PlatformError

LONGEST_CALL_ID = 120
NOTES: Mapping[Stop, Mapping[str, str]] = {
    Stop.REFUSED: {
        "code": "refused",
        "message": "The model declined to answer this.",
        "hint": "Say it in another way. The declined message is not shown to the model again.",
    },
    Stop.CUT: {
        "code": "cut",
        "message": "The answer reached its length limit and was cut.",
        "hint": "Write “go on” to get the rest.",
    },
    Stop.WINDOW_FULL: {
        "code": "window_full",
        "message": "This conversation has grown too long for the model.",
        "hint": "Begin a new conversation; your apps are not affected.",
    },
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a complete answer: the next that the model is to write, if any; whether a change was refused."""

    following: int | None = None
    refused: bool = False


def settle_answer(toolbox: Toolbox, model: str, answer_id: int, draft: Draft) -> Settled:
    """Complete the answer in one transaction."""
    done = draft.end if isinstance(draft.end, Done) else Done(Stop.END)
    # A call that was cut off has arguments nobody meant.
    calls = _distinct(draft.calls) if done.stop is Stop.TOOLS else []
    reads, changes = {}, []
    for call in calls:
        result = _read(toolbox, call)
        if result is None:
            changes.append(call)
        else:
            reads[call.id] = result
    if not record.close_answer(answer_id, draft.text, done, reads, model):
        return Settled()
    answer = Message.objects.get(pk=answer_id)
    refused = _propose(toolbox, answer, changes, reads)
    if done.stop in NOTES:
        record.note(answer_id, NOTES[done.stop])
    if done.stop is Stop.REFUSED:
        record.leave_out(answer_id)
    goes_on = done.stop is Stop.CONTINUE or (calls and not record.waits_for_person(answer_id))
    return Settled(record.begin_answer(answer.conversation_id).pk if goes_on else None, refused)


def _distinct(calls: list[ToolCall]) -> list[ToolCall]:
    """One call for each id; a call whose id cannot be kept gets no result and is not run."""
    first = {call.id: call for call in reversed(calls) if 0 < len(call.id) <= LONGEST_CALL_ID}
    return [call for call in calls if first.get(call.id) is call]


def _read(toolbox: Toolbox, call: ToolCall) -> CallResult | None:
    """The result of a reading tool, or of a call that cannot be made; None for a change, which waits for a person."""
    try:
        tool = toolbox.find(call.name)
        if tool.kind != "read":
            tool.parse(call.arguments)
            return None
        with transaction.atomic():
            return CallResult(tool.call(toolbox.principal, call.arguments))
    except (PlatformError, LanguageError) as error:
        return refusal(error)


def _propose(toolbox: Toolbox, answer: Message, calls: list[ToolCall], results: dict[str, CallResult]) -> bool:
    """Whether one of the changes could not even be proposed."""
    refused = {}
    for call in calls:
        try:
            with transaction.atomic():
                propose(toolbox, answer, call)
        except (PlatformError, LanguageError) as error:
            refused[call.id] = refusal(error)
    if refused:
        stored = record.stored_results({**results, **refused})
        Message.objects.filter(pk=answer.pk).update(results=stored)
    return bool(refused)
