"""The demo's own corner of the community: write a post, and see what becomes of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.community.models import Member, Post, PostStatus, Room, RoomStatus
from decommerce.community.services.posts import create_post
from decommerce.tenancy.errors import NotFound, PlatformError

RECENT = 5


@require_http_methods(["GET", "POST"])
@page_for(scope=None)
def write_post(request: TeamRequest) -> HttpResponse:
    """A form for one post, in the name of the signed-in member. Part of the demo only."""
    if not settings.DEMO:
        raise Http404
    member = Member.objects.filter(membership__user_id=request.user.pk).first()
    if request.method == "GET" or member is None:
        return _form(request, member)
    room = request.POST.get("room", "")
    try:
        post = create_post(
            author_id=member.pk,
            title=request.POST.get("title", "").strip(),
            body=request.POST.get("body", "").strip(),
            room_id=int(room) if room.isdecimal() and len(room) < 19 else None,
        )
    except PlatformError as error:
        return _form(request, member, error)
    return HttpResponseRedirect(f"{reverse('post', args=[post.pk])}?done=posted")


@require_safe
@page_for(scope=None)
def post(request: TeamRequest, post_id: int) -> HttpResponse:
    """A post with its state and its flags; the page looks again for a while, since apps take a moment."""
    return show(request, "chat/post.html", _context(request, post_id), section="write")


@require_safe
@page_for(scope=None)
def post_now(request: TeamRequest, post_id: int) -> HttpResponse:
    """The part of the page that apps change."""
    return render(request, "chat/post_now.html", _context(request, post_id))


def _context(request: TeamRequest, post_id: int) -> dict[str, Any]:
    may_moderate = request.principal.may("data:read")
    visible = Q() if may_moderate else Q(status=PostStatus.PUBLISHED) | Q(author__membership__user_id=request.user.pk)
    found = Post.objects.select_related("author", "room").filter(visible, pk=post_id).first()
    if found is None:
        raise NotFound("There is no such post.", hint="It may have been removed.")
    flags = found.flags.order_by("pk") if may_moderate else found.flags.none()
    return {"post": found, "flags": flags, "may_moderate": may_moderate}


def _form(request: TeamRequest, member: Member | None, error: PlatformError | None = None) -> HttpResponse:
    context = {
        "member": member,
        "rooms": Room.objects.filter(status=RoomStatus.ACTIVE).order_by("name"),
        "recent": Post.objects.filter(author=member).order_by("-pk")[:RECENT] if member else (),
        "error": error,
        "title": request.POST.get("title", ""),
        "body": request.POST.get("body", ""),
        "room": request.POST.get("room", ""),
    }
    return show(request, "chat/write_post.html", context, section="write", status=error.status if error else 200)
