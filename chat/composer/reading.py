"""From a sentence to a draft: when, about what, under which conditions, with which effects."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.composer.called import is_called, without_call
from chat.composer.conditions import conditions_in
from chat.composer.draft import AUTHOR, Condition, Draft, Start
from chat.composer.effects import effects_in
from chat.composer.ground import Room
from chat.composer.schedule import Schedule, schedule_in
from chat.composer.spoken import SEARCHED
from chat.composer.subjects import HAPPENINGS, SUBJECTS, Subject
from chat.composer.words import even

_BY_HAND = re.compile(r"\b(?:by hand|manually|when i (?:start|run|press)|on demand)\b", re.IGNORECASE)
_JOINING = re.compile(
    r"\b(?:new (?:members?|users?|people)|newcomers?|joins?|joined|signs? up|registers?|welcome|greet)\b", re.IGNORECASE
)
_RANKED = re.compile(
    r"\b(?:(?:top|first|best)\s+(?P<top>\d{1,3})"
    r"|(?P<count>\d{1,3})\s+(?:most|best|newest|latest|top|highest|least|(?:members?|users?|posts?) with the)"
    r"|most active|most engaged|top (?:members|contributors|posts))\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")
_WRITING = re.compile(
    r"(?:^|(?<=[,;:] )|(?<=\band )|(?<=\bthen ))(?:post|publish|write|announce)\b"
    r"(?:\s+(?:an?|the)\s+(?:\w+\s+){0,2}?(?:post|message|announcement|summary|note|recap|update)\b)?",
    re.IGNORECASE,
)
_OF_LATE = re.compile(r"\b(?:new|latest|recent|of the (?:day|week|month)|from yesterday|since)\b", re.IGNORECASE)
_NEW_ONES = {"member": _JOINING, "order": _OF_LATE, "post": _OF_LATE, "comment": _OF_LATE}
RANKINGS = {"member": "-xp", "post": "-score", "comment": "-score", "order": "-total_price"}
ALL_OF_A_RANKING = 10
LONGEST_DESCRIPTION = 300


def read(text: str, rooms: Sequence[Room] = ()) -> Draft:
    """The draft that a sentence describes; what it leaves open stays empty."""
    sentence = even(text)
    if is_called(sentence):
        effects = effects_in(without_call(sentence))
        called = Draft(sentence=_as_sentence(text), start="webhook", effects=effects)
        return _placed(called, rooms_in(sentence, rooms))
    schedule = schedule_in(sentence)
    rest = " ".join(f"{sentence[: schedule.start]} {sentence[schedule.end :]}".split()) if schedule else sentence
    happening = next((happening for happening in HAPPENINGS if happening.pattern.search(rest)), None)
    conditions = conditions_in(rest)
    subject = happening.subject if happening else _subject(rest, conditions)
    effects = effects_in(rest)
    order_by, count = _ranking(rest, subject)
    conditions = _fitting(SUBJECTS[subject], conditions) if subject else ()
    draft = Draft(
        sentence=_as_sentence(text),
        subject=subject,
        event=happening.event if happening else "",
        cron=schedule.cron if schedule else "",
        conditions=conditions,
        effects=effects,
        order_by=order_by,
        count=count,
    )
    started = _since_the_last(draft.changed(start=_start(draft, rest, schedule)), rest)
    return _addressed(_placed(started, rooms_in(rest, rooms)))


def _as_sentence(text: str) -> str:
    words = " ".join(text.split())[:LONGEST_DESCRIPTION]
    return f"{words[:1].upper()}{words[1:]}"


def _placed(draft: Draft, room_ids: tuple[int, ...]) -> Draft:
    """A named room is where a post goes, or else where posts come from."""
    if room_ids and draft.effect("post"):
        return draft.with_effects({"room_id": room_ids[0]}, "post")
    return draft.changed(room_ids=room_ids if draft.subject == "post" else ())


def _since_the_last(draft: Draft, text: str) -> Draft:
    """ "Every day tell the admins who joined": those since the day before."""
    asked = _NEW_ONES.get(draft.subject)
    known = any(condition.about == "recent" for condition in draft.conditions)
    if draft.start != "schedule" or known or asked is None or not asked.search(text):
        return draft
    _, _, day, _, weekday = draft.cron.split()
    span = "31d" if day != "*" else "7d" if weekday.isdigit() else "1d"
    recent = Condition(about="recent", operator="within_last", value=span)
    return draft.changed(conditions=[condition.model_dump() for condition in (*draft.conditions, recent)])


def _addressed(draft: Draft) -> Draft:
    """ "Mail all members every month" reads members; "tell everyone every month" reads nothing."""
    if draft.subject != "member" or draft.start == "event" or draft.conditions or draft.order_by:
        return draft
    if draft.effect("email") and all(effect.to in {"everyone", AUTHOR} for effect in draft.effects):
        return draft.with_effects({"to": AUTHOR}, "email")
    if draft.effects and all(effect.to not in {"", AUTHOR} for effect in draft.effects):
        return draft.changed(subject="")
    return draft


def needs_rows(draft: Draft) -> bool:
    """Whether what it asks for can only be known by looking, not from an event."""
    if not draft.subject:
        return False
    fields = SUBJECTS[draft.subject].as_event.fields
    return bool(draft.order_by) or any(condition.about not in fields for condition in draft.conditions)


def rooms_in(text: str, rooms: Sequence[Room]) -> tuple[int, ...]:
    """The rooms that a text names, after "in" or "room"."""
    return tuple(
        room.id
        for room in rooms
        if re.search(
            rf"\b(?:in|room|rooms|to|and|or|into)\s+(?:the\s+)?(?:room\s+)?[\"']?{re.escape(room.name)}\b", text, re.I
        )
    )


def _subject(sentence: str, conditions: tuple[Condition, ...]) -> str:
    spoken = _WRITING.sub(" ", SEARCHED.sub(" ", _QUOTED.sub(" ", sentence)))
    found = next((subject.name for subject in SUBJECTS.values() if subject.pattern.search(spoken)), "")
    if not found and any(condition.about in {"length", "words", "score"} for condition in conditions):
        return "post"
    return found


def _fitting(subject: Subject, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    known = {*subject.as_event.fields, *subject.as_row.fields}
    return tuple(condition for condition in conditions if condition.about in known)


def _ranking(sentence: str, subject: str) -> tuple[str, int | None]:
    found = _RANKED.search(sentence)
    if not found or subject not in RANKINGS:
        return "", None
    newest = re.search(r"\b(?:newest|latest)\b", sentence, re.IGNORECASE)
    least = re.search(r"\bleast\b", sentence, re.IGNORECASE)
    order = SUBJECTS[subject].newest if newest else RANKINGS[subject]
    count = int(found["top"] or found["count"] or ALL_OF_A_RANKING)
    return order.removeprefix("-") if least else order, max(1, min(count, 500))


def _start(draft: Draft, sentence: str, schedule: Schedule | None) -> Start:
    if schedule:
        return "schedule"
    if _BY_HAND.search(sentence):
        return "manual"
    if draft.event:
        return "event"
    if not draft.subject or needs_rows(draft):
        return ""
    if draft.subject == "member" and not _JOINING.search(sentence):
        return ""
    return "event"


def is_request(draft: Draft) -> bool:
    """Whether a sentence says enough to begin with: what should happen, or a condition, and about what or when."""
    if not draft.subject and draft.effect("flag", "award"):
        return False
    return bool(draft.effects and (draft.subject or draft.start)) or bool(draft.subject and draft.conditions)
