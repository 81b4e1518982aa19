"""What the composer answers to what a person says: the first of its readings that makes sense of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from apps_engine.services.definitions import Checked
from chat.composer.choosing import Fill, choose
from chat.composer.commands import CALL_ID, command_in, is_greeting, names_unknown_app
from chat.composer.decisions import is_end, is_no, is_yes
from chat.composer.definition import define
from chat.composer.draft import Draft
from chat.composer.examples import EXAMPLES
from chat.composer.ground import Ground
from chat.composer.limits import limit_in
from chat.composer.questions import Question, open_question
from chat.composer.reading import is_request, read
from chat.composer.refinement import refine, refine_parameters
from chat.composer.reply import Reply
from chat.composer.texts import name_of
from chat.composer.words import even, plain_markdown
from chat.model.port import ToolCall

HELLO = (
    "I match your words to building blocks: posts, comments, members and orders; flags, notifications, e-mails, XP, "
    "posts and webhooks. Say in one sentence when something should happen, and what. For example:"
)
LOST = (
    "I could not make an app of that sentence. No AI model is connected, so I only know my building blocks: "
    "**when** (a new post, comment, member or order, or a time like “every Monday at 9”), **which** (shorter than, "
    "containing, scored at least, over an amount) and **what** (flag, tell, mail, award XP, post, call a webhook). "
    "Try it like this:"
)
DROPPED = "Dropped; nothing was changed. Tell me when you want something else."
BY_BUTTON = "A typed word changes nothing: press the button to confirm. Here it is once more."
NO_FLAG = "Only posts can be flagged, not {what}. I can tell the moderators about them instead:"
NOT_UNDERSTOOD = "I did not understand that as an answer."
FOUND = "Here is what it would do. Nothing happens until you confirm it; to change something, just say so."
LOOKING = "Let me look."
WOULD = "Here is what would happen."
READING_TOOLS = frozenset({"list_apps", "get_app", "get_app_logs", "why_not_run"})
EXAMPLES_SHOWN = 4
FAULTS_SHOWN = 10
# The answer to these may well read like a request of its own.
FREE_QUESTIONS = frozenset({"text", "effects", "start"})
_CHANGING = re.compile(
    r"\s*(?:and|also|but|plus|make|change|only|instead|no|without|call|name|at|tell .* instead)\b", re.IGNORECASE
)

Check = Callable[[dict[str, Any]], Checked]


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the conversation stands: the draft so far, the question that is open, and what the person now says.

    `undecided`: the last answer proposed the draft, and this text came instead of a decision.
    """

    text: str
    draft: Draft | None
    question: Question | None
    ground: Ground
    check: Check
    fill: Fill
    undecided: bool = False

    def fresh(self) -> Draft:
        """What the text would mean by itself."""
        return read(self.text, self.ground.rooms)


def respond(situation: Situation) -> Reply:
    """The answer; there always is one."""
    for reading in READINGS:
        reply = reading(situation)
        if reply is not None:
            return reply
    examples = [example.text for example in EXAMPLES[:EXAMPLES_SHOWN]]
    return Reply(HELLO if is_greeting(situation.text) else LOST, examples, situation.draft)


def _as_end(at: Situation) -> Reply | None:
    if at.draft is None or not (at.question or at.undecided):
        return None
    ended = is_end(at.text) or (at.undecided and is_no(at.text))
    return Reply(DROPPED) if ended else None


def _as_agreement(at: Situation) -> Reply | None:
    if at.draft is None or not at.undecided or not is_yes(at.text):
        return None
    return replace(_onward(at.draft, at), text=BY_BUTTON)


def _as_answer(at: Situation) -> Reply | None:
    if at.draft is None or at.question is None:
        return None
    settled = at.question.answer(at.draft, at.text, at.ground)
    fresh = at.fresh()
    another = is_request(fresh) and bool(fresh.start) and at.question.key not in FREE_QUESTIONS
    if settled is None or another:
        return None
    return _onward(settled.changed(asked=(*at.draft.asked, at.question.key)), at)


def _as_command(at: Situation) -> Reply | None:
    call = command_in(at.text, at.ground, at.draft.app_id if at.draft else None)
    if call is None:
        return None
    return Reply(LOOKING if call.name in READING_TOOLS else WOULD, draft=at.draft, calls=[call])


def _as_limit(at: Situation) -> Reply | None:
    limit = limit_in(even(at.text))
    return Reply(f"{limit.why} {limit.instead}", limit.suggestions, at.draft) if limit else None


def _as_change(at: Situation) -> Reply | None:
    if at.draft is None or at.question is not None or _stands_alone(at):
        return None
    if at.draft.starter:
        refilled = refine_parameters(at.draft, at.text, at.ground, at.fill)
        return _onward(refilled, at) if refilled else None
    changed = refine(at.draft, at.text, at.ground)
    if changed is None:
        return None
    told = changed if changed in (at.draft, at.draft.changed(name=changed.name)) else _retold(changed, at.text)
    return _onward(told, at)


def _retold(draft: Draft, change: str) -> Draft:
    """The sentence becomes the app's description, so a change belongs into it."""
    change = change.strip()
    return draft.changed(sentence=f"{draft.sentence.rstrip(' .')}. {change[:1].upper()}{change[1:]}")


def _as_request(at: Situation) -> Reply | None:
    fresh = at.fresh()
    if is_request(fresh) and _flags_another_thing(fresh):
        return _cannot_flag(fresh)
    if names_unknown_app(at.text):
        return None
    chosen = choose(at.text, at.ground, at.fill)
    return _onward(chosen, at) if chosen else None


def _as_question_again(at: Situation) -> Reply | None:
    if at.draft is None or at.question is None or is_greeting(at.text):
        return None
    asked = f"{NOT_UNDERSTOOD} {at.question.ask(at.draft, at.ground)}"
    return Reply(asked, at.question.replies(at.draft, at.ground), at.draft, at.question.key)


READINGS: tuple[Callable[[Situation], Reply | None], ...] = (
    _as_end,
    _as_agreement,
    _as_answer,
    _as_command,
    _as_limit,
    _as_change,
    _as_request,
    _as_question_again,
)


def _onward(draft: Draft, at: Situation) -> Reply:
    """Ask what is open, or propose."""
    if _flags_another_thing(draft):
        return _cannot_flag(draft)
    question = open_question(draft)
    if question is not None:
        return Reply(question.ask(draft, at.ground), question.replies(draft, at.ground), draft, question.key)
    named = draft.changed(name=_free_name(draft, at.ground))
    checked = at.check(_definition_of(named, at))
    if not checked.valid:
        return _faulty(checked, draft)
    return Reply(FOUND, draft=draft, calls=[_proposal(named, checked, at.ground)])


def _definition_of(draft: Draft, at: Situation) -> dict[str, Any]:
    if not draft.starter:
        return define(draft, at.ground.timezone)
    return {**(at.fill(draft.starter, draft.parameters) or {}), "name": draft.name}


def _proposal(draft: Draft, checked: Checked, ground: Ground) -> ToolCall:
    if any(app.id == draft.app_id for app in ground.apps):
        arguments = {"app": draft.app_id, "definition": checked.definition}
        return ToolCall(f"{CALL_ID}:update_app", "update_app", arguments)
    if draft.starter:
        chosen = {"starter": draft.starter, "parameters": dict(draft.parameters), "name": draft.name}
        return ToolCall(f"{CALL_ID}:create_app_from_starter", "create_app_from_starter", chosen)
    return ToolCall(f"{CALL_ID}:create_app", "create_app", {"definition": checked.definition})


def _free_name(draft: Draft, ground: Ground) -> str:
    """Two apps cannot have one name; an app keeps its own."""
    taken = {app.name for app in ground.apps if app.id != draft.app_id}
    name = name_of(draft)
    candidates = [name, *(f"{name} {number}" for number in range(2, len(taken) + 2))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _stands_alone(at: Situation) -> bool:
    """A sentence that says when, which and what begins anew, unless it begins like a change."""
    fresh = at.fresh()
    whole = bool(fresh.subject and fresh.start and fresh.effects)
    return whole and not _CHANGING.match(at.text)


def _flags_another_thing(draft: Draft) -> bool:
    return not draft.starter and draft.subject != "post" and draft.effect("flag") is not None


def _cannot_flag(draft: Draft) -> Reply:
    what = {"comment": "comments", "member": "members", "order": "orders"}.get(draft.subject, "that")
    instead = re.sub(r"\bflag\b", "tell the moderators about", draft.sentence, count=1, flags=re.IGNORECASE)
    return Reply(NO_FLAG.format(what=what), [f"{instead[:1].upper()}{instead[1:]}"])


def _faulty(checked: Checked, draft: Draft) -> Reply:
    faults = "\n".join(
        f"- {plain_markdown(problem.message)} {plain_markdown(problem.hint)}"
        for problem in checked.problems[:FAULTS_SHOWN]
    )
    text = f"That does not make a valid app:\n\n{faults}\n\nSay it differently, or change a part of it."
    return Reply(text, draft=draft)
