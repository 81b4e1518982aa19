"""What the composer writes where the person wrote nothing: names, titles and bodies, as templates of the language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apps_engine.starters import STARTERS
from chat.composer.called import RECEIVED
from chat.composer.draft import AUTHOR, Draft, Effect
from chat.composer.subjects import SUBJECTS, View

ICONS: Mapping[str, str] = {"flag": "🚩", "notify": "🔔", "email": "✉️", "award": "⭐", "post": "📝", "webhook": "🔗"}
TONE_ICONS: Mapping[str, str] = {"thank": "🙏", "welcome": "👋", "remind": "⏰"}
SIGNED = "\n\nThe team of {{ tenant.name }}"

# By tone: the title of a notification and the subject of an e-mail.
TITLES: Mapping[str, str] = {
    "thank": "Thank you!",
    "welcome": "Welcome to {{ tenant.name }}",
    "remind": "A reminder from {{ tenant.name }}",
    "tell": "News from {{ tenant.name }}",
}
MODIFIERS: Mapping[tuple[str, str], str] = {
    ("length", "lt"): "short",
    ("length", "gt"): "long",
    ("score", "lt"): "low-scored",
    ("score", "lte"): "low-scored",
    ("score", "gt"): "well-scored",
    ("score", "gte"): "well-scored",
    ("amount", "gt"): "large",
    ("amount", "gte"): "large",
    ("amount", "lt"): "small",
    ("inactive", "older_than"): "inactive",
    ("first", "eq"): "first",
}
VERBS: Mapping[str, str] = {
    "flag": "Flag {what}",
    "notify": "Tell {to} about {what}",
    "email": "Mail {to} about {what}",
    "award": "Award {amount} XP for {what}",
    "post": "Post about {what}",
    "webhook": "Send {what} to a webhook",
}
PERSONAL: Mapping[str, str] = {"welcome": "Welcome {what}", "remind": "Remind {what}"}
THANKS: Mapping[str, str] = {
    "post": "Thank authors of {what}",
    "comment": "Thank authors of {what}",
    "order": "Thank customers for {what}",
    "member": "Thank {what}",
}


def name_of(draft: Draft) -> str:
    """A short name for the app."""
    if draft.name:
        return draft.name
    if draft.starter:
        return STARTERS[draft.starter].name
    first = draft.effects[0]
    if not draft.subject:
        return draft.sentence[:60].rstrip(" .,").capitalize()
    to = "authors" if first.to == AUTHOR else first.to or "people"
    return _pattern(draft, first).format(what=what_of(draft), to=to, amount=first.amount)


def _pattern(draft: Draft, first: Effect) -> str:
    if first.tone == "thank":
        return THANKS[draft.subject]
    if first.tone in PERSONAL:
        return PERSONAL[first.tone]
    if first.kind == "email" and first.to == AUTHOR:
        return "Mail {what}"
    if first.kind == "award" and draft.subject == "member":
        return "Award {amount} XP to {what}"
    return VERBS[first.kind]


def icon_of(draft: Draft) -> str:
    """One emoji for the app."""
    first = draft.effects[0]
    return TONE_ICONS.get(first.tone) or ICONS[first.kind]


def view_of(draft: Draft) -> View:
    """How this draft names things: as of an event, or as of a row."""
    subject = SUBJECTS[draft.subject]
    return subject.as_event if draft.start == "event" else subject.as_row


def title_of(draft: Draft, effect: Effect) -> str:
    """The title of a notification or post, the subject of an e-mail."""
    if effect.to == AUTHOR or not draft.subject or (effect.kind == "post" and draft.start == "event"):
        return TITLES[effect.tone]
    if draft.effect("flag"):
        return "A post was flagged"
    if draft.start != "event":
        return f"{what_of(draft)[:1].upper()}{what_of(draft)[1:]}"
    return EVENT_TITLES.get(draft.event or SUBJECTS[draft.subject].event, "Something to look at")


EVENT_TITLES: Mapping[str, str] = {
    "post.created": "A post to look at",
    "post.flagged": "A post was flagged: {{ trigger.flag.reason | truncate: 80 }}",
    "post.updated": "A post was edited",
    "comment.created": "A comment to look at",
    "member.joined": "{{ trigger.member.display_name }} joined",
    "order.created": "Order {{ trigger.order.name }}",
    "order.paid": "Order {{ trigger.order.name }} is paid",
    "order.fulfilled": "Order {{ trigger.order.name }} is on its way",
    "order.refunded": "Order {{ trigger.order.name }} is refunded",
}


def default_text(draft: Draft, effect: Effect) -> str:
    """The body where the person wrote none."""
    if effect.text:
        return effect.text
    if draft.start == "webhook":
        return RECEIVED
    if not draft.subject:
        return message_in(draft.sentence)
    if effect.kind == "post":
        return _post_text(draft, effect)
    if effect.to != AUTHOR:
        return view_of(draft).excerpt
    return _personal_text(draft, effect)


def _post_text(draft: Draft, effect: Effect) -> str:
    if effect.tone == "welcome" and draft.start == "event":
        return (
            f"A warm welcome to {{{{ {view_of(draft).member_name} }}}}! Say hello, and tell us what brought you here."
        )
    if draft.start == "event":
        return view_of(draft).excerpt
    return f"Here they are, {what_of(draft)}:\n\n{listing(draft)}"


_MESSAGE = re.compile(
    r"\b(?:remind|tell|notify|inform|alert|ask|mail|e-?mail)\b.*?\b(?:to|that|about)\s+(?P<text>[^.!?]{3,300})",
    re.IGNORECASE,
)


def message_in(sentence: str) -> str:
    """What a sentence itself says should be said: "remind the team to check the queue"; '' where it does not."""
    quoted = re.search(r"[\"“]([^\"”]{3,500})[\"”]", sentence)
    found = quoted or _MESSAGE.search(sentence)
    text = found[1].strip() if found else ""
    return f"{text[:1].upper()}{text[1:]}"


LISTING = "{{{{ {plural} | pluck: '{field}' | bullet_list }}}}"


def listing(draft: Draft) -> str:
    """All rows of the draft, one a line."""
    return LISTING.format(plural=SUBJECTS[draft.subject].plural, field=_label_field(draft))


def _personal_text(draft: Draft, effect: Effect) -> str:
    view = view_of(draft)
    # A guest's order names no member: greeting them by name would fail.
    hello = "Hello!" if view.member_field else f"Hi {{{{ {view.member_name} }}}},"
    line = PERSONAL_LINES.get((draft.subject, effect.tone)) or PERSONAL_LINES[("", effect.tone)]
    text = line.replace("{{label}}", f"{{{{ {view.label} | default: 'without a title' }}}}")
    return f"{hello}\n\n{text}{SIGNED}" if effect.kind == "email" else text


PERSONAL_LINES: Mapping[tuple[str, str], str] = {
    ("post", "thank"): "Your post “{{label}}” found many friends. Thank you for it.",
    ("comment", "thank"): "Thank you for your comment on “{{label}}”.",
    ("order", "thank"): "Thank you for your order {{label}}.",
    ("member", "welcome"): "Good to have you here. Say hello in one of the rooms, and ask whatever you want to know.",
    ("member", "remind"): "We have not seen you for a while. Come and see what is new.",
    ("member", "tell"): "Thank you for being part of our community.",
    ("post", "tell"): "This is about your post “{{label}}”.",
    ("order", "tell"): "This is about your order {{label}}.",
    ("", "thank"): "Thank you for what you do for the community.",
    ("", "welcome"): "Good to have you here.",
    ("", "remind"): "A small reminder from the team.",
    ("", "tell"): "A word from the team.",
}


def _label_field(draft: Draft) -> str:
    return SUBJECTS[draft.subject].as_row.label.partition(".")[2]


def what_of(draft: Draft) -> str:
    """What the draft is about: "short posts", "new members", "the top 10 members"."""
    plural = SUBJECTS[draft.subject].plural
    if draft.order_by:
        return f"the top {draft.count} {plural}"
    if draft.subject == "member" and draft.start == "event":
        return "new members"
    modifiers = [MODIFIERS.get((condition.about, condition.operator), "") for condition in draft.conditions]
    if any(condition.about == "words" for condition in draft.conditions):
        return " ".join([*filter(None, modifiers), plural, "with certain words"])
    return " ".join([*filter(None, modifiers), plural])
