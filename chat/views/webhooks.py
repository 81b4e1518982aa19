"""The secret of an address at which another system calls an app: made, and shown once on the app's page (TRG-06)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps_engine.services.webhooks import make_secret
from chat.views.access import TeamRequest, page_for
from chat.views.app import app_page
from decommerce.tenancy.errors import PlatformError


@never_cache
@require_POST
@page_for("admin")
def webhook_secret(request: TeamRequest, app_id: int, trigger: str) -> HttpResponse:
    """Make a secret, or take the sender's; the answer shows it this once."""
    brought = request.POST.get("secret", "").strip()
    try:
        address, secret = make_secret(
            request.principal, app_id, trigger, secret=brought, end_old="end_old" in request.POST
        )
    except PlatformError as error:
        if error.status != 422:
            raise
        return app_page(request, app_id, status=422, asked_for=trigger, fault=f"{error.message} {error.hint}")
    return app_page(request, app_id, asked_for=address.trigger_id, secret=secret)
