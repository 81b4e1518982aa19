"""The page behind the link at the foot of an e-mail: whoever has the link needs no account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.views.access import show_error
from decommerce.community.services.notifications import EVERY_TOPIC
from decommerce.community.services.unsubscribing import (
    choose_emails,
    reader_of,
    reading_member,
    wants_emails,
)
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.middleware import own_scope
from decommerce.tenancy.models import Tenant


# The link is the proof, not a cookie; mail programs post here by themselves (RFC 8058). Looking changes nothing.
@own_scope
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop e-mails of one community to one member: about the topic of the link, or with `all`, every one.

    `wanted` starts them again.
    """
    try:
        reader = reader_of(token)
        with tenant_scope(reader.tenant_id):
            member = reading_member(reader)
            if request.method == "POST":
                chosen = EVERY_TOPIC if "all" in request.POST else reader.topic
                choose_emails(member, wanted="wanted" in request.POST, topic=chosen)
            context = {
                "member": member,
                "topic": reader.topic,
                "on": wants_emails(member, reader.topic),
                "all_on": wants_emails(member),
                "community": Tenant.objects.get(pk=reader.tenant_id),
            }
    except PlatformError as error:
        return show_error(request, error)
    return render(request, "chat/unsubscribe.html", context)
