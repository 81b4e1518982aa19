"""What every page of a signed-in person carries besides its own content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from chat.memberships import tenants_of
from chat.notices import notice_of
from chat.views.access import TeamRequest
from decommerce.community.models import Notification


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation. `section` is what a page says it belongs to.

    A phone has no room for one that is `wide`: it is under "More".
    """

    section: str
    label: str
    icon: str
    address: str
    count: int = 0
    wide: bool = False


def show(
    request: TeamRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    section: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page in its frame. Needs the tenant's scope."""
    places = _places(request)
    frame = {
        "places": places,
        "more_places": [place for place in places if place.wide],
        "section": section,
        "tenants": tenants_of(request.user.pk),
        "notice": notice_of(request.GET.get("done", "")),
    }
    return render(request, template, {**frame, **(context or {})}, status=status)


def _places(request: TeamRequest) -> list[Place]:
    unread = Notification.objects.filter(member__membership__user_id=request.user.pk, read_at=None).count()
    places = [Place("notifications", "Notifications", "bell", reverse("notifications"), unread)]
    is_team = request.principal.may("apps:read")
    if settings.DEMO:
        places.insert(0, Place("write", "Write a post", "write", reverse("write-post"), wide=is_team))
    if is_team:
        return [
            Place("overview", "Home", "home", reverse("overview")),
            Place("approvals", "Approvals", "check", reverse("approvals"), wide=True),
            Place("chat", "Chat", "chat", reverse("conversations")),
            Place("apps", "Apps", "apps", reverse("apps")),
            Place("starters", "Ready-made apps", "gallery", reverse("starters"), wide=True),
            Place("runs", "Runs", "play", reverse("runs"), wide=True),
            Place("events", "Events", "flag", reverse("events"), wide=True),
            *places,
        ]
    return places
