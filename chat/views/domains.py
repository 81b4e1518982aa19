"""The domains that apps may call, each with the secret that its calls are signed with (ACT-02)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.outgoing.allowlist import (
    allow_domain,
    allowed_domains,
    find_domain,
    remove_domain,
    rotate_secret,
    signing_secret,
)
from decommerce.tenancy.errors import PlatformError

LONGEST = 255
SHOWN = 500


@require_http_methods(["GET", "HEAD", "POST"])
@page_for("admin")
def domains(request: TeamRequest) -> HttpResponse:
    """The list, and a form that puts a domain on it."""
    if request.method != "POST":
        return _page(request)
    pattern = request.POST.get("pattern", "").replace("\x00", "").strip()[:LONGEST]
    try:
        allow_domain(request.principal, pattern)
    except PlatformError as error:
        return _page(request, fault=f"{error.message} {error.hint}".strip(), pattern=pattern, status=error.status)
    return HttpResponseRedirect(f"{reverse('domains')}?done=domain-allowed")


@require_POST
@page_for("admin")
def forbid_domain(request: TeamRequest, domain_id: int) -> HttpResponse:
    """Take it off the list."""
    remove_domain(request.principal, find_domain(domain_id).pattern)
    return HttpResponseRedirect(f"{reverse('domains')}?done=domain-removed")


@never_cache
@require_POST
@page_for("admin")
def domain_secret(request: TeamRequest, domain_id: int) -> HttpResponse:
    """The secret by which the receiver knows that a call is ours; `new` makes another one."""
    domain = find_domain(domain_id)
    is_new = "new" in request.POST
    secret = (rotate_secret if is_new else signing_secret)(request.principal, domain.pattern)
    return _page(request, shown=domain, secret=secret, is_new=is_new)


def _page(request: TeamRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"rows": allowed_domains(request.principal)[:SHOWN], "longest": LONGEST, **more}
    return show(request, "chat/domains.html", context, section="domains", status=status)
