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

    A phone has no room for `more`, nor for an entry that is `wide`: the first page leads there.
    """

    section: str
    label: str
    icon: str
    address: str
    count: int = 0
    more: str = ""
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
    frame = {
        "places": _places(request),
        "section": section,
        "tenants": tenants_of(request.user.pk),
        "notice": notice_of(request.GET.get("done", "")),
    }
    return render(request, template, {**frame, **(context or {})}, status=status)


def _places(request: TeamRequest) -> list[Place]:
    unread = Notification.objects.filter(member__membership__user_id=request.user.pk, read_at=None).count()
    places = [Place("notifications", "Notifications", "bell", reverse("notifications"), unread)]
    if settings.DEMO:
        places.insert(0, Place("write", "Write", "write", reverse("write-post"), more="a post"))
    if request.principal.may("apps:read"):
        chat = Place("chat", "Chat", "chat", reverse("conversations"))
        gallery = Place("starters", "Ready-made", "gallery", reverse("starters"), more="apps")
        home = Place("overview", "Home", "home", reverse("overview"), wide=True)
        runs = Place("runs", "Runs", "play", reverse("runs"), wide=True)
        events = Place("events", "Events", "flag", reverse("events"), wide=True)
        approvals = Place("approvals", "Approvals", "check", reverse("approvals"), wide=True)
        return [home, approvals, chat, Place("apps", "Apps", "apps", reverse("apps")), gallery, runs, events, *places]
    return places
