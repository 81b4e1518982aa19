"""What the composer needs to know: one question at a time, each with a default and a reply to press."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.composer.draft import Draft, Effect
from chat.composer.effects import HIDING, URL, audience_in, effects_in, severity_in
from chat.composer.ground import Ground
from chat.composer.schedule import schedule_in
from chat.composer.texts import default_text
from chat.composer.words import even, plain_markdown
from chat.placeholders import readable

BY_HAND = "Only when I start it"
TAKE_IT = "Use this text"
NO_ROOM = "In no room"
SHOWN_ROOMS = 5

Ask = Callable[[Draft, Ground], str]
Replies = Callable[[Draft, Ground], Sequence[str]]
Answer = Callable[[Draft, str, Ground], Draft | None]


@dataclass(frozen=True, slots=True)
class Question:
    """`applies` says whether it is open; `answer` gives the draft with it settled, or None if not understood."""

    key: str
    applies: Callable[[Draft], bool]
    ask: Ask
    replies: Replies
    answer: Answer


def open_question(draft: Draft) -> Question | None:
    """The next thing to ask, if anything is open. A ready-made app has a default for everything."""
    if draft.starter:
        return None
    return next(
        (question for question in QUESTIONS if question.key not in draft.asked and question.applies(draft)), None
    )


def question_of(key: str) -> Question | None:
    """The question of that key."""
    return next((question for question in QUESTIONS if question.key == key), None)


def _start(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    sentence = even(answer)
    schedule = schedule_in(sentence)
    if schedule:
        return draft.changed(start="schedule", cron=schedule.cron)
    if re.search(r"\b(?:start|hand|manual|myself|i (?:run|press)|never|only)\b", sentence, re.IGNORECASE):
        return draft.changed(start="manual")
    return None


def _ranking(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    for pattern, order in (
        (r"\bxp|points\b", "-xp"),
        (r"engag|score", "-engagement_score"),
        (r"last|recent", "-last_active_at"),
    ):
        if re.search(pattern, answer, re.IGNORECASE):
            return draft.changed(order_by=order)
    return None


def _effects(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    effects = effects_in(even(answer))
    return draft.changed(effects=effects) if effects else None


def _audience(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    to = audience_in(even(answer))
    if not to:
        return None
    effects = [effect.model_copy(update={"to": to}) if _lacks_audience(effect) else effect for effect in draft.effects]
    return draft.changed(effects=effects)


def _amount(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    number = re.search(r"-?\d{1,6}", even(answer))
    return draft.with_effects({"amount": int(number[0])}, "award") if number and int(number[0]) else None


def _severity(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    hide = bool(HIDING.search(answer))
    severity = severity_in(even(answer)) or ("high" if hide else "")
    flag = draft.effect("flag")
    hidden = hide or (flag is not None and flag.hide)
    return draft.with_effects({"severity": severity, "hide": hidden}, "flag") if severity else None


def _text(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    effect = next((effect for effect in draft.effects if _lacks_text(draft, effect)), None)
    text = answer.strip()
    if effect is None or not text:
        return None
    if default_text(draft, effect) and re.fullmatch(
        r"(?:use (?:this|that|it)(?: text)?|yes|ok(?:ay)?|fine|good|default)[.!]?", text, re.IGNORECASE
    ):
        text = default_text(draft, effect)
    return draft.with_effects({"text": text[:5_000]}, effect.kind)


def _room(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    wanted = answer.strip().strip("\"'").lower()
    if wanted in {NO_ROOM.lower(), "none", "no room"}:
        return draft
    named = [room for room in ground.rooms if room.name.lower() == wanted.removeprefix("in ").removeprefix("the ")]
    named = named or [room for room in ground.rooms if room.name.lower() in wanted]
    return draft.with_effects({"room_id": named[0].id}, "post") if named else None


def _url(draft: Draft, answer: str, ground: Ground) -> Draft | None:
    url = URL.search(answer)
    return draft.with_effects({"url": url[0].rstrip(".,;)")}, "webhook") if url else None


def _lacks_audience(effect: Effect) -> bool:
    return effect.kind in {"notify", "email"} and not effect.to


def _lacks_text(draft: Draft, effect: Effect) -> bool:
    spoken = effect.kind in {"email", "post"} or (effect.kind == "notify" and not default_text(draft, effect))
    return spoken and not effect.text


def _text_question(draft: Draft, ground: Ground) -> str:
    effect = next(effect for effect in draft.effects if _lacks_text(draft, effect))
    what = {"email": "e-mail", "post": "post"}.get(effect.kind, "notification")
    suggestion = readable(default_text(draft, effect), ground.tenant)
    if not suggestion:
        return f"What should the {what} say?"
    quoted = "\n".join(f"> {plain_markdown(line)}" if line.strip() else ">" for line in suggestion.split("\n"))
    return f"What should the {what} say? Write it, or take this:\n\n{quoted}"


def _text_replies(draft: Draft, ground: Ground) -> Sequence[str]:
    effect = next(effect for effect in draft.effects if _lacks_text(draft, effect))
    return [TAKE_IT] if default_text(draft, effect) else []


def _room_replies(draft: Draft, ground: Ground) -> Sequence[str]:
    return [*(room.name for room in ground.rooms[:SHOWN_ROOMS]), NO_ROOM]


def _fixed(*values: str) -> Replies:
    return lambda draft, ground: values


def _says(text: str) -> Ask:
    return lambda draft, ground: text


QUESTIONS = (
    Question(
        "start",
        lambda draft: not draft.start,
        _says("When should this run? It has to look for itself, since no single event tells it."),
        _fixed("Every Monday at 9", "Every day at 9", BY_HAND),
        _start,
    ),
    Question(
        "ranking",
        lambda draft: draft.subject == "member" and draft.order_by == "-xp" and "xp" not in draft.sentence.lower(),
        _says("“Most active” by what? XP counts everything they ever did here."),
        _fixed("By XP", "By who was here last"),
        _ranking,
    ),
    Question(
        "effects",
        lambda draft: not draft.effects,
        _says("And what should happen then?"),
        _fixed("Tell the moderators", "Thank the author", "Award 10 XP to the author"),
        _effects,
    ),
    Question(
        "audience",
        lambda draft: any(_lacks_audience(effect) for effect in draft.effects),
        _says("Who should be told?"),
        _fixed("The moderators", "The admins", "The whole team"),
        _audience,
    ),
    Question(
        "amount",
        lambda draft: any(effect.kind == "award" and effect.amount is None for effect in draft.effects),
        _says("How many XP?"),
        _fixed("10 XP", "50 XP", "100 XP"),
        _amount,
    ),
    Question(
        "severity",
        lambda draft: any(effect.kind == "flag" and not effect.severity for effect in draft.effects),
        _says(
            "How urgent is such a flag? Moderators look at the urgent ones first; "
            "a flagged post stays visible unless you hide it."
        ),
        _fixed("Low", "Medium", "High", "High, and hide the post"),
        _severity,
    ),
    Question(
        "url",
        lambda draft: any(effect.kind == "webhook" and not effect.url for effect in draft.effects),
        _says("Which address should be called? It begins with `https://`."),
        _fixed(),
        _url,
    ),
    Question(
        "room",
        lambda draft: any(effect.kind == "post" and effect.room_id is None for effect in draft.effects),
        _says("In which room should it appear?"),
        _room_replies,
        _room,
    ),
    Question(
        "text",
        lambda draft: any(_lacks_text(draft, effect) for effect in draft.effects),
        _text_question,
        _text_replies,
        _text,
    ),
)
