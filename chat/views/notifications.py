"""What the signed-in person was told."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.community.models import Member, Notification
from decommerce.push.subscriptions import devices_of
from decommerce.push.vapid import public_key

SHOWN = 100


@require_safe
@page_for(scope=None)
def notifications(request: TeamRequest) -> HttpResponse:
    """The inbox of the person's own member, newest first."""
    own = _own(request)
    member = Member.objects.filter(membership__user_id=request.user.pk).first()
    context = {
        "rows": own.order_by("-pk")[:SHOWN],
        "unread": own.filter(read_at=None).count(),
        "member": member,
        "push_key": public_key() if member else "",
        "push_known": " ".join(device.digest for device in devices_of(member.pk)) if member else "",
    }
    return show(request, "chat/notifications.html", context, section="notifications")


@require_POST
@page_for(scope=None)
def mark_read(request: TeamRequest) -> HttpResponse:
    """Mark everything as read."""
    _own(request).filter(read_at=None).update(read_at=timezone.now())
    return HttpResponseRedirect(f"{reverse('notifications')}?done=read")


def _own(request: TeamRequest) -> QuerySet[Notification]:
    return Notification.objects.filter(member__membership__user_id=request.user.pk)
