"""What a member wants to be told, by topic and by way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps_engine.language.report.words import capitalised, field_words
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.community.models import Channel, Member
from decommerce.community.services.notifications import EVERY_TOPIC, set_preference, topics_of, wants

CHANNELS: Mapping[str, str] = {
    Channel.IN_APP: "Notifications here",
    Channel.PUSH: "On my devices",
    Channel.EMAIL: "E-mail",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the form: whether a topic comes on a way."""

    label: str
    key: str
    channel: str
    value: str
    on: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A topic with its boxes; the empty topic is everything that has no row of its own."""

    topic: str
    title: str
    boxes: tuple[Box, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(scope=None)
def preferences(request: TeamRequest) -> HttpResponse:
    """A row for each topic that the member was told about, and one for all others."""
    member = Member.objects.filter(membership__user_id=request.user.pk).first()
    rows = _rows(member) if member else []
    if request.method == "POST" and member is not None:
        _keep(request, member, rows)
        return HttpResponseRedirect(f"{reverse('preferences')}?done=preferences")
    context = {"member": member, "rows": rows, "channels": CHANNELS.values()}
    return show(request, "chat/preferences.html", context, section="notifications")


def _rows(member: Member) -> list[Row]:
    chosen = wants(member.pk)
    return [_row(number, topic, chosen) for number, topic in enumerate([*topics_of(member.pk), EVERY_TOPIC])]


def _row(number: int, topic: str, chosen: Mapping[tuple[str, str], bool]) -> Row:
    title = capitalised(field_words(topic)) if topic else "Everything else"
    boxes = []
    for channel, label in CHANNELS.items():
        general = chosen.get((channel, EVERY_TOPIC), True)
        on = chosen.get((channel, topic), general)
        boxes.append(Box(label, f"{channel}-{number}", channel, f"{channel}:{topic}", on))
    return Row(topic, title, tuple(boxes))


def _keep(request: HttpRequest, member: Member, rows: list[Row]) -> None:
    """Store what differs from how it was: a topic that nobody touched goes on following the general choice.

    A topic that came up since the form was drawn is not in it, and stays as it is.
    """
    shown, ticked = set(request.POST.getlist("shown")), set(request.POST.getlist("on"))
    for row in rows:
        for box in row.boxes:
            if box.value in shown and (box.value in ticked) != box.on:
                set_preference(member.pk, box.channel, not box.on, row.topic)
