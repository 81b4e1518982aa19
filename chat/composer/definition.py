"""A settled draft as a canonical definition (schema 1.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from chat.composer.draft import AUTHOR, Condition, Draft, Effect
from chat.composer.subjects import SUBJECTS
from chat.composer.texts import default_text, icon_of, listing, name_of, title_of, view_of, what_of

ROWS_READ = 1_000
MOST_EMAILS = 500
Step = dict[str, Any]
LONGEST_DESCRIPTION = 2000

ROLES: Mapping[str, Any] = {
    "moderators": "moderator",
    "admins": "admin",
    "owners": "owner",
    "team": {"in": ["owner", "admin", "moderator"]},
}


def define(draft: Draft, timezone: str) -> dict[str, Any]:
    """The definition; the caller has it checked before anybody sees it."""
    definition = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": name_of(draft),
        "description": draft.sentence[:LONGEST_DESCRIPTION],
        "version": "1.0.0",
        "icon": icon_of(draft),
        "triggers": [STARTS[draft.start](draft, timezone)],
        "flows": {"main": {"steps": _steps(draft)}},
    }
    hosts = sorted({urlsplit(effect.url).hostname or "" for effect in draft.effects if effect.kind == "webhook"})
    return {**definition, "permissions": {"domains": hosts}} if hosts else definition


def _on_event(draft: Draft, timezone: str) -> dict[str, Any]:
    event = draft.event or SUBJECTS[draft.subject].event
    trigger = {"id": event.replace(".", "_"), "type": "event", "event": event, "flow": "main"}
    where = _where(draft)
    return {**trigger, "filter": where} if where else trigger


def _on_schedule(draft: Draft, timezone: str) -> dict[str, Any]:
    return {"id": "schedule", "type": "scheduled", "cron": draft.cron, "timezone": timezone, "flow": "main"}


def _by_hand(draft: Draft, timezone: str) -> dict[str, Any]:
    return {"id": "by_hand", "type": "manual", "flow": "main"}


def _on_call(draft: Draft, timezone: str) -> dict[str, Any]:
    return {"id": "called", "type": "webhook", "endpoint": "calls", "flow": "main"}


STARTS: Mapping[str, Callable[[Draft, str], dict[str, Any]]] = {
    "event": _on_event,
    "schedule": _on_schedule,
    "manual": _by_hand,
    "webhook": _on_call,
}


def _where(draft: Draft) -> dict[str, Any]:
    view = view_of(draft)
    where: dict[str, Any] = {}
    for condition in draft.conditions:
        if condition.about in view.fields:
            where |= _clause(view.fields[condition.about], condition, by_event=draft.start == "event")
    if draft.room_ids:
        where[view.fields["room"]] = draft.room_ids[0] if len(draft.room_ids) == 1 else {"in": list(draft.room_ids)}
    if view.member_field and any(effect.to == AUTHOR for effect in draft.effects):
        where[view.member_field] = {"exists": True}
    return where


def _clause(field: str, condition: Condition, *, by_event: bool) -> dict[str, Any]:
    if condition.about != "words":
        return {field: condition.value if condition.operator == "eq" else {condition.operator: condition.value}}
    words = list(condition.value) if isinstance(condition.value, tuple) else [str(condition.value)]
    if by_event:
        return {field: {"matches": f"(?i){'|'.join(map(_literal, words))}"}}
    # In the database text compares as it is written, so the usual spellings are all asked for.
    spellings = [spelling for word in words for spelling in dict.fromkeys((word, word.lower(), word.capitalize()))]
    return {"or": [{field: {"contains": spelling}} for spelling in spellings]}


def _literal(word: str) -> str:
    return "".join(char if char.isalnum() or char in " _-" else f"\\{char}" for char in word)


def _steps(draft: Draft) -> list[Step]:
    if draft.start == "event" or not draft.subject:
        return [step for effect in draft.effects for step in _effect_steps(draft, effect, many=False)]
    subject = SUBJECTS[draft.subject]
    rows = f"{{{{ {subject.plural} }}}}"
    personal = [effect for effect in draft.effects if _is_personal(effect)]
    common = [effect for effect in draft.effects if not _is_personal(effect)]
    steps: list[Step] = [_fetch(draft)]
    if personal:
        body = [step for effect in personal for step in _effect_steps(draft, effect, many=True)]
        steps.append({"each": rows, "as": subject.name, "steps": body})
    for effect in common:
        # A list of nothing is not worth a message.
        steps += [
            {"when": f"{{{{ {subject.plural} | length }}}} > 0", **step}
            for step in _effect_steps(draft, effect, many=True)
        ]
    return steps


def _is_personal(effect: Effect) -> bool:
    return effect.to == AUTHOR or effect.kind in {"flag", "award"}


def _fetch(draft: Draft) -> Step:
    subject = SUBJECTS[draft.subject]
    emails = any(effect.kind == "email" and effect.to == AUTHOR for effect in draft.effects)
    where = _where(draft)
    if draft.subject == "member":
        where = {"status": "active", **where}
    step: Step = {"id": subject.plural, "fetch": subject.connector}
    if where:
        step["where"] = where
    fields = [*subject.columns, *(["last_active_at"] if "last_active_at" in draft.order_by else [])]
    most = MOST_EMAILS if emails else ROWS_READ
    return {**step, "fields": fields, "order_by": [draft.order_by or subject.newest], "limit": draft.count or most}


def _effect_steps(draft: Draft, effect: Effect, *, many: bool) -> list[Step]:
    return EFFECTS[effect.kind](draft, effect, many)


def _flag(draft: Draft, effect: Effect, many: bool) -> list[Step]:
    params = {
        "post_id": f"{{{{ {view_of(draft).item} }}}}",
        "reason": _reason(draft),
        "severity": effect.severity or "medium",
    }
    return [{"id": "flag", "act": "flag_content", "params": {**params, "review": True} if effect.hide else params}]


def _notify(draft: Draft, effect: Effect, many: bool) -> list[Step]:
    personal = effect.to == AUTHOR and bool(draft.subject)
    to = f"{{{{ {view_of(draft).member_id} }}}}" if personal else effect.to if effect.to != AUTHOR else "everyone"
    body = listing(draft) if many and not personal else default_text(draft, effect)
    params = {"to": to, "title": title_of(draft, effect), "body": body}
    link = view_of(draft).link if draft.subject and (personal or not many) else ""
    step: Step = {
        "id": f"tell_{effect.to}",
        "act": "send_notification",
        "params": {**params, "link": link} if link else params,
    }
    return [{**step, "once_per": _once(draft, effect)} if personal and many else step]


def _email(draft: Draft, effect: Effect, many: bool) -> list[Step]:
    params = {"subject": title_of(draft, effect), "body": default_text(draft, effect)}
    if effect.to == AUTHOR and draft.subject:
        to = f"{{{{ {view_of(draft).member_id} }}}}"
        step: Step = {"id": "mail", "act": "send_email", "params": {"to": to, **params}}
        return [{**step, "once_per": _once(draft, effect)} if many else step]
    role = ROLES.get(effect.to)
    where = {"status": "active", **({"role": role} if role else {}), "email": {"exists": True}}
    if many and draft.subject:
        params["body"] = f"{params['body']}\n\n{listing(draft)}" if effect.text else listing(draft)
    fetch = {"id": "recipients", "fetch": "users", "where": where, "fields": ["id"], "limit": MOST_EMAILS}
    mail: Step = {"id": "mail", "act": "send_email", "params": {"to": "{{ recipient.id }}", **params}}
    if draft.start not in {"event", "webhook"}:
        mail["once_per"] = "mail:{{ recipient.id }}:{{ today }}"
    return [fetch, {"each": "{{ recipients }}", "as": "recipient", "steps": [mail]}]


def _once(draft: Draft, effect: Effect) -> str:
    """Each person is thanked once for ever, however many of their posts match; anything else comes once a day."""
    member = f"{{{{ {view_of(draft).member_id} }}}}"
    return f"thanks:{member}" if effect.tone == "thank" else f"{effect.kind}:{member}:{{{{ today }}}}"


def _award(draft: Draft, effect: Effect, many: bool) -> list[Step]:
    params = {
        "member_id": f"{{{{ {view_of(draft).member_id} }}}}",
        "amount": effect.amount,
        "reason": f"{what_of(draft)[:1].upper()}{what_of(draft)[1:]}"[:200],
    }
    return [{"id": "award", "act": "award_xp", "params": params}]


def _post(draft: Draft, effect: Effect, many: bool) -> list[Step]:
    params: dict[str, Any] = {"title": title_of(draft, effect), "body": default_text(draft, effect)}
    if effect.room_id is not None:
        params["room_id"] = effect.room_id
    return [{"id": "write", "act": "create_post", "params": params}]


def _webhook(draft: Draft, effect: Effect, many: bool) -> list[Step]:
    body = {"app": "{{ app.name }}"}
    if draft.start == "webhook":
        body["received"] = "{{ trigger.body }}"
    if draft.subject:
        body[draft.subject] = (
            f"{{{{ trigger.{draft.subject} }}}}" if not many else f"{{{{ {SUBJECTS[draft.subject].plural} }}}}"
        )
    return [{"id": "call", "act": "webhook", "params": {"url": effect.url, "body": body}}]


EFFECTS: Mapping[str, Callable[[Draft, Effect, bool], list[Step]]] = {
    "flag": _flag,
    "notify": _notify,
    "email": _email,
    "award": _award,
    "post": _post,
    "webhook": _webhook,
}

COMPARED: Mapping[str, str] = {"lt": "less than", "lte": "at most", "gt": "more than", "gte": "at least"}
LENGTHS: Mapping[str, str] = {"lt": "shorter than", "lte": "at most", "gt": "longer than", "gte": "at least"}
MEASURES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "length": (LENGTHS, "characters"),
    "score": (COMPARED, "votes"),
    "comments": (COMPARED, "comments"),
}


def _reason(draft: Draft) -> str:
    reasons = []
    for condition in draft.conditions:
        if condition.about == "words" and isinstance(condition.value, tuple):
            reasons.append(f"contains “{'” or “'.join(condition.value)}”")
        elif condition.about in MEASURES:
            words, unit = MEASURES[condition.about]
            reasons.append(f"{words[condition.operator]} {condition.value} {unit}")
    text = " and ".join(reasons) or "to be looked at"
    return f"{text[:1].upper()}{text[1:]}"[:500]
