"""Tags and filters of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apps_engine.language import jsontext
from apps_engine.language.report.words import capitalised
from apps_engine.registry import registry
from apps_engine.services.presentation import SentAs
from apps_engine.services.presentation import sent_as as sent_as_of
from apps_engine.store.models import Effect, Execution
from chat import placeholders, relative_time
from chat.app_icons import drawing_of
from chat.icons import ICONS
from chat.key_order import in_reading_order
from chat.markdown import to_html
from chat.models import PendingCall
from chat.run_story import trigger_title
from chat.run_table import RunTable
from chat.run_table import run_table as table_of

register = template.Library()

# Which page shows what came of a tool, by the `id` of its result, and what its link says.
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "create_app": ("app", "Open the app"),
    "create_app_from_starter": ("app", "Open the app"),
    "update_app": ("app", "Open the app"),
    "pause_app": ("app", "Open the app"),
    "resume_app": ("app", "Open the app"),
    "run_app": ("run", "Follow the run"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """An address and its words."""

    address: str
    label: str


# A sentence that was cut may have lost the end of its last one.
_CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)(?:`(?!`)|(?=…$))")
_SAFE_LINK = re.compile(r"/(?![/\\])|https://[^/]")


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of the icons, hidden from screen readers: the text beside it says what it means."""
    return _drawn(ICONS[name])


@register.simple_tag
def app_icon(emoji: str | None) -> SafeString:
    """The icon of an app, as hidden; `emoji` is what its definition says."""
    return _drawn(drawing_of(emoji or ""))


def _drawn(path: str) -> SafeString:
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>', path
    )


@register.simple_tag(takes_context=True)
def when(context: template.Context, value: datetime | str | None, otherwise: str = "never") -> SafeString | str:
    """A relative time whose exact form, in the tenant's time zone, shows on hover."""
    if not value:
        return otherwise
    then = relative_time.instant_of(value)
    tenant = context.get("tenant")
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        then.isoformat(),
        relative_time.exact(then, tenant.timezone if tenant else "UTC"),
        relative_time.relative(then, timezone.now()),
    )


@register.simple_tag(takes_context=True)
def moment(context: template.Context, value: datetime | str) -> SafeString:
    """Day and time in the tenant's zone: of what is planned, where "in 3 hours" is not enough."""
    then = relative_time.instant_of(value)
    tenant = context.get("tenant")
    zone = tenant.timezone if tenant else "UTC"
    return format_html('<time datetime="{}">{}</time>', then.isoformat(), relative_time.short(then, zone))


@register.filter
def safe_link(address: str) -> str:
    """The address if it is a page of ours or https, else nothing: who wrote it may be anybody."""
    return address if _SAFE_LINK.match(address) else ""


@register.filter
def outcome_link(call: PendingCall) -> Link | None:
    """Where a confirmed call leads: to the app or the run that it made or changed."""
    place = OUTCOMES.get(call.tool)
    return Link(reverse(place[0], args=[call.outcome["value"]["id"]]), place[1]) if place else None


@register.filter
def markdown(text: str) -> SafeString:
    """A model's text as sanitised HTML."""
    return to_html(text)


@register.filter
def action_words(name: str) -> str:
    """What an action does, in words: "Calls a webhook"."""
    action = registry.actions.get(name)
    return capitalised(action.sentence if action else name.replace("_", " "))


@register.filter
def sent_as(effect: Effect) -> SentAs:
    """By what the other side knows a call."""
    return sent_as_of(effect)


@register.filter
def deed_words(verb: str) -> str:
    """A verb of the audit log in words: `app.rolled_back` is "App rolled back"."""
    return capitalised(verb.replace(".", " ").replace("_", " "))


@register.filter
def half(number: float) -> float:
    """Half of it: where a bar has its middle."""
    return number / 2


@register.filter
def readable(text: str) -> str:
    """A sentence of a report with its placeholders named."""
    return placeholders.readable(text)


@register.filter
def code_spans(sentence: str) -> SafeString:
    """A sentence of the platform, with what stands between backticks as code and nothing else as HTML."""
    escaped = conditional_escape(sentence)
    return mark_safe(_CODE_SPAN.sub(r"<code>\1</code>", escaped))  # noqa: S308 -- escaped in the line above


@register.filter
def pretty_json(value: Any) -> str:
    """A JSON value as people read it, decimals exact; the template escapes it."""
    return jsontext.dumps(value, indent=2)


@register.filter
def definition_json(definition: Any) -> str:
    """A definition as people read it, its keys in their usual order."""
    return jsontext.dumps(in_reading_order(definition), indent=2)


@register.filter
def started_by(run: Execution) -> str:
    """Who or what started a run."""
    return run.requested_by or trigger_title(run)


@register.simple_tag(takes_context=True)
def run_table(context: template.Context, runs: Iterable[Execution]) -> RunTable:
    """The runs as a list shows them to who looks."""
    return table_of(context["request"].principal, runs)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as "12 ms" or "3.4 s"."""
    return "" if seconds is None else relative_time.duration(float(seconds))


@register.filter
def took(run: Execution) -> str:
    """How long a run took, or a dash while it has not ended."""
    if run.started_at is None or run.finished_at is None:
        return "—"
    return relative_time.duration((run.finished_at - run.started_at).total_seconds())


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word."""
    words = [word for word in str(name).split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
