"""Changing a draft that was already shown: "make it 100", "only in Gear", "also tell the admins", "call it ..."."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from apps_engine.starters import STARTERS
from chat.composer.choosing import Fill
from chat.composer.conditions import conditions_in
from chat.composer.draft import Draft
from chat.composer.effects import HIDING, audience_in, effects_in, severity_in
from chat.composer.filling import parameters_in
from chat.composer.ground import Ground
from chat.composer.reading import rooms_in
from chat.composer.schedule import at_time, schedule_in, time_in
from chat.composer.words import even

AGAIN = re.compile(r"\b(?:again|once more|propose it|show it)\b", re.IGNORECASE)
_ALSO = re.compile(r"^\s*(?:and\s+)?(?:also|and|additionally|plus)\b|\b(?:too|as well)\b", re.IGNORECASE)
_NAME = re.compile(
    r"\b(?:call|name|rename)\s+(?:it|this|the app)\s+(?:to\s+)?[\"'“]?(?P<name>[^\"'”]{2,80})", re.IGNORECASE
)
_ANYWHERE = re.compile(r"\b(?:in )?(?:all|every|any) rooms?\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])-?\d{1,9}\b")
_WITHOUT = re.compile(r"\b(?:without|don'?t|do not|no need to|remove|drop)\b", re.IGNORECASE)

Step = Callable[[Draft, str, Ground], Draft]


def refine(draft: Draft, text: str, ground: Ground) -> Draft | None:
    """The draft with the change that the text asks for, or None where it asks for none."""
    sentence = even(text)
    changed = draft
    for step in STEPS:
        changed = step(changed, sentence, ground)
    if changed == draft and not AGAIN.search(sentence):
        return None
    return changed


def refine_parameters(draft: Draft, text: str, ground: Ground, fill: Fill) -> Draft | None:
    """A ready-made app with the parameters, or the name, that the text gives; None where it gives none that fit."""
    sentence = even(text)
    given = parameters_in(STARTERS[draft.starter], sentence, ground)
    changed = _renamed(draft, sentence, ground).changed(parameters={**draft.parameters, **given})
    if changed == draft and not AGAIN.search(sentence):
        return None
    return changed if fill(changed.starter, changed.parameters) is not None else None


def _renamed(draft: Draft, sentence: str, ground: Ground) -> Draft:
    found = _NAME.search(sentence)
    return draft.changed(name=found["name"].strip(" .")) if found else draft


def _rescheduled(draft: Draft, sentence: str, ground: Ground) -> Draft:
    schedule = schedule_in(sentence)
    if schedule:
        return draft.changed(start="schedule", cron=schedule.cron)
    clock = time_in(sentence)
    return draft.changed(cron=at_time(draft.cron, clock)) if clock and draft.start == "schedule" else draft


def _moved(draft: Draft, sentence: str, ground: Ground) -> Draft:
    if draft.subject == "post" and _ANYWHERE.search(sentence):
        return draft.changed(room_ids=())
    rooms = rooms_in(sentence, ground.rooms)
    if not rooms:
        return draft
    if draft.effect("post"):
        return draft.with_effects({"room_id": rooms[0]}, "post")
    return draft.changed(room_ids=rooms) if draft.subject == "post" else draft


def _reconditioned(draft: Draft, sentence: str, ground: Ground) -> Draft:
    fresh = {condition.about: condition for condition in conditions_in(sentence)}
    if fresh:
        kept = [condition for condition in draft.conditions if condition.about not in fresh]
        return draft.changed(conditions=[condition.model_dump() for condition in (*kept, *fresh.values())])
    numbers = _NUMBER.findall(_without_times(sentence))
    numeric = [condition for condition in draft.conditions if isinstance(condition.value, int)]
    if len(numbers) in {1, 2} and len(numeric) == 1 and "xp" not in sentence.lower():
        value = int(next((number for number in numbers if int(number) != numeric[0].value), numbers[0]))
        swapped = [
            condition.model_copy(update={"value": value}) if condition is numeric[0] else condition
            for condition in draft.conditions
        ]
        return draft.changed(conditions=[condition.model_dump() for condition in swapped])
    return draft


def _regraded(draft: Draft, sentence: str, ground: Ground) -> Draft:
    if not draft.effect("flag"):
        return draft
    severity = severity_in(sentence)
    changed = draft.with_effects({"severity": severity}, "flag") if severity else draft
    return changed.with_effects({"hide": not _WITHOUT.search(sentence)}, "flag") if HIDING.search(sentence) else changed


def _reacted(draft: Draft, sentence: str, ground: Ground) -> Draft:
    effects = effects_in(sentence)
    if not effects:
        amount = re.search(r"(-?\d{1,6})\s*(?:xp|points)", sentence, re.IGNORECASE)
        return draft.with_effects({"amount": int(amount[1])}, "award") if amount and draft.effect("award") else draft
    kinds = {effect.kind for effect in effects}
    if _WITHOUT.search(sentence):
        kept = [effect.model_dump() for effect in draft.effects if effect.kind not in kinds]
        return draft.changed(effects=kept) if kept else draft
    if _ALSO.search(sentence):
        old = [effect.model_dump() for effect in draft.effects]
        return draft.changed(effects=[*old, *(effect.model_dump() for effect in effects)])
    return _replaced(draft, {effect.kind: effect.to for effect in effects})


def _replaced(draft: Draft, audiences: Mapping[str, str]) -> Draft:
    """ "Tell the admins instead": the same effect, for somebody else."""
    changed = draft
    for kind, to in audiences.items():
        if to and changed.effect(kind):
            changed = changed.with_effects({"to": to}, kind)
    return changed


def _readdressed(draft: Draft, sentence: str, ground: Ground) -> Draft:
    to = audience_in(sentence)
    told = draft.effect("notify", "email")
    if to and told and re.search(r"\binstead\b|\brather\b", sentence, re.IGNORECASE) and not effects_in(sentence):
        return draft.with_effects({"to": to}, told.kind)
    return draft


def _without_times(sentence: str) -> str:
    return re.sub(r"\bat\s+\d{1,2}(?::\d{2})?\s*(?:am|pm)?", " ", sentence, flags=re.IGNORECASE)


STEPS: tuple[Step, ...] = (
    _renamed,
    _rescheduled,
    _moved,
    _reconditioned,
    _regraded,
    _reacted,
    _readdressed,
)
