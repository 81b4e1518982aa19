"""API keys: make one and see it once, replace it, end it (SEC-04)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.keys import create_key, revoke_key, rotate_key
from decommerce.tenancy.models import ApiKey
from decommerce.tenancy.principal import SCOPES

LONGEST_NAME = 120
SHOWN = 200
LIVES: Mapping[str, tuple[str, timedelta | None]] = {
    "30": ("30 days", timedelta(days=30)),
    "90": ("90 days", timedelta(days=90)),
    "365": ("a year", timedelta(days=365)),
    "": ("until it is revoked", None),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page_for("admin")
def keys(request: TeamRequest) -> HttpResponse:
    """The keys of the community, and a form for a new one, whose secret the answer shows this once."""
    if request.method != "POST":
        return _page(request)
    name = request.POST.get("name", "").replace("\x00", "").strip()[:LONGEST_NAME]
    scopes = request.POST.getlist("scope")[: len(SCOPES)]
    asked: dict[str, Any] = {"name": name, "scopes": scopes, "confirms": "confirms" in request.POST}
    if not name or not scopes:
        fault = "Give it a name, and at least one thing that it may do."
        return _page(request, fault=fault, status=422, **asked)
    life = LIVES.get(request.POST.get("life", ""), LIVES["90"])[1]
    ends = None if life is None else timezone.now() + life
    try:
        key, secret = create_key(request.principal, name, scopes, expires_at=ends, confirms=asked["confirms"])
    except PlatformError as error:
        return _page(request, fault=f"{error.message} {error.hint}", status=error.status, **asked)
    return _page(request, made=key, secret=secret)


@never_cache
@require_POST
@page_for("admin")
def replace_key(request: TeamRequest, key_id: int) -> HttpResponse:
    """A successor, whose secret the answer shows; the old key stays good for a day."""
    key, secret = rotate_key(request.principal, key_id)
    return _page(request, made=key, secret=secret, replaced=True)


@require_POST
@page_for("admin")
def end_key(request: TeamRequest, key_id: int) -> HttpResponse:
    """End a key at once."""
    revoke_key(request.principal, key_id)
    return HttpResponseRedirect(f"{reverse('keys')}?done=key-revoked")


def _page(request: TeamRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    rows = ApiKey.objects.order_by("-pk")[:SHOWN]
    context = {
        "rows": [(key, _has_ended(key, now)) for key in rows],
        "all_scopes": [(scope, about) for scope, about in SCOPES.items() if request.principal.may(scope)],
        "lives": [(value, label) for value, (label, _) in LIVES.items()],
        "longest_name": LONGEST_NAME,
        **more,
    }
    return show(request, "chat/keys.html", context, section="keys", status=status)


def _has_ended(key: ApiKey, now: Any) -> bool:
    return any(end is not None and end <= now for end in (key.revoked_at, key.expires_at))
