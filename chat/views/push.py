"""Turning notifications on the person's device on and off, for the page's script."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from chat.views.access import TeamRequest, page_for
from decommerce.community.models import Member
from decommerce.push.subscriptions import subscribe, unsubscribe
from decommerce.tenancy.errors import NotFound, PlatformError


@require_POST
@page_for(scope=None)
def push_on(request: TeamRequest) -> HttpResponse:
    """Note the browser's subscription as the person's own."""
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        subscribe(_member(request).pk, **given)
    except PlatformError as error:
        return JsonResponse({"message": error.message, "hint": error.hint}, status=error.status)
    return HttpResponse(status=204)


@require_POST
@page_for(scope=None)
def push_off(request: TeamRequest) -> HttpResponse:
    """Forget the browser's subscription, if it is the person's own."""
    unsubscribe(_member(request).pk, request.POST.get("endpoint", ""))
    return HttpResponse(status=204)


def _member(request: TeamRequest) -> Member:
    member = Member.objects.filter(membership__user_id=request.user.pk).first()
    if member is None:
        raise NotFound("No member of the community belongs to your account.", hint="Ask an owner of the community.")
    return member
