"""The model that answers where no AI model is connected: deterministic, and only as clever as its tables (CHT-09).

It keeps nothing between answers. Where a conversation stands is read from the block that its last answer left.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

from apps_engine.services.definitions import check
from apps_engine.services.starters import preview
from chat.composer.dialogue import Situation, respond
from chat.composer.draft import Draft
from chat.composer.ground import survey
from chat.composer.outcomes import outcome_of
from chat.composer.questions import question_of
from chat.composer.reply import BLOCK, Reply
from chat.model.port import Answered, Done, Event, Stop, TextDelta, ToolSpec, Transcript
from decommerce.tenancy.principal import Principal
from decommerce.tenancy.threads import in_tenant

NOT_ALLOWED = "Your role in this community does not let you do that. An owner or admin can."
CREATING = frozenset({"create_app", "create_app_from_starter"})
_SENTENCE_END = re.compile(r"(?<=[.:?!])(?=\s)")


class OfflineComposer:
    """Answers one person with what their community has."""

    name = "offline composer"
    connected = False

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    async def stream(self, transcript: Transcript, tools: Sequence[ToolSpec]) -> AsyncIterator[Event]:
        """The answer, sentence by sentence."""
        reply = await in_tenant(self.principal, self._reply, transcript)
        allowed = {tool.name for tool in tools}
        if any(call.name not in allowed for call in reply.calls):
            reply = Reply(NOT_ALLOWED)
        for sentence in _SENTENCE_END.split(reply.text):
            yield TextDelta(sentence)
        for call in reply.calls:
            yield call
        yield Done(Stop.TOOLS if reply.calls else Stop.END, [reply.block()], suggestions=reply.suggestions)

    def _reply(self, transcript: Transcript) -> Reply:
        last = transcript.entries[-1]
        if isinstance(last, Answered) and not _reason_in(last):
            return _after_calls(last)
        text = _reason_in(last) if isinstance(last, Answered) else last.text
        answers = [entry for entry in transcript.entries if isinstance(entry, Answered)]
        left = _left_by(answers[-1]) if answers else {}
        return respond(
            Situation(
                text=text,
                draft=_draft_of(left),
                question=question_of(left.get("question", "")),
                ground=survey(self.principal),
                check=partial(check, self.principal),
                fill=partial(_filled, self.principal),
                undecided=bool(answers) and answers[-1] is not last and _undecided(left, answers[-1]),
            )
        )


def _filled(principal: Principal, slug: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    return preview(principal, slug, parameters).definition


def _after_calls(answer: Answered) -> Reply:
    """What came of the calls of the last answer. An app that was made of the draft is remembered in it."""
    left = _left_by(answer)
    draft = _draft_of(left)
    made = [
        (call["name"], answer.results[call["id"]]) for call in left.get("calls", ()) if call["id"] in answer.results
    ]
    said = [outcome_of(name, result) for name, result in made]
    for name, result in made:
        if draft is not None and name in CREATING and not result.refused:
            draft = draft.changed(app_id=result.value["id"], name=result.value["name"])
    suggestions = [suggestion for outcome in said for suggestion in outcome.suggestions]
    return Reply("\n\n".join(outcome.text for outcome in said) or "Done.", suggestions, draft)


def _reason_in(answer: Answered) -> str:
    """Why the person rejected what the answer proposed, if they said so."""
    rejected = (result.value for result in answer.results.values() if result.refused)
    return next((value["reason"] for value in rejected if value.get("code") == "rejected" and "reason" in value), "")


def _left_by(answer: Answered) -> Mapping[str, Any]:
    return next((block for block in answer.blocks if block.get("type") == BLOCK), {})


def _undecided(left: Mapping[str, Any], answer: Answered) -> bool:
    """Whether the answer made a call that did not happen."""
    results = [answer.results.get(call["id"]) for call in left.get("calls", ())]
    return any(result is None or result.refused for result in results)


def _draft_of(left: Mapping[str, Any]) -> Draft | None:
    return Draft.model_validate(left["draft"]) if left.get("draft") else None
