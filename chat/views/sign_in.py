"""Signing in and out, and choosing the community to work in."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.memberships import tenants_of
from chat.notices import notice_of
from chat.throttle import count_sign_in, forget_sign_in
from chat.views.access import TeamRequest, page_for, show_error
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.middleware import SESSION_TENANT

LONGEST_EMAIL = 254
LONGEST_PASSWORD = 1024
REFUSED = "The e-mail address and the password do not match an account."


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The chat for those who are signed in, the sign-in page for everyone else."""
    return redirect("conversations" if request.user.is_authenticated else "sign-in")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an address and a password; one answer for every way to be wrong."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return HttpResponseRedirect(_target(request))
        return _form(request, notice=notice_of(request.GET.get("done", "")))
    email = request.POST.get("email", "").replace("\x00", "").strip().lower()[:LONGEST_EMAIL]
    password = request.POST.get("password", "")
    try:
        count_sign_in(request.META.get("REMOTE_ADDR", ""), email)
    except PlatformError as error:
        return _form(request, fault=f"{error.message} {error.hint}", email=email, status=error.status)
    # A hash takes as long as its password: a huge one is no password.
    person = authenticate(request, username=email, password=password) if len(password) <= LONGEST_PASSWORD else None
    if person is None:
        return _form(request, fault=REFUSED, email=email, status=422)
    login(request, person)
    forget_sign_in(email)
    return HttpResponseRedirect(_target(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(f"{reverse('sign-in')}?done=signed-out")


@require_POST
@page_for(scope=None)
def switch_tenant(request: TeamRequest) -> HttpResponse:
    """Work in another of one's own communities from now on."""
    wanted = request.POST.get("tenant", "")
    chosen = next((tenant for tenant in tenants_of(request.user.pk) if str(tenant.pk) == wanted), None)
    if chosen is None:
        return show_error(request, NotFound("You belong to no such community.", hint="Choose one from the menu."))
    request.session[SESSION_TENANT] = chosen.pk
    return HttpResponseRedirect(f"{reverse('conversations')}?done=switched")


def _form(
    request: HttpRequest, *, fault: str = "", email: str = "", notice: object = None, status: int = 200
) -> HttpResponse:
    context = {"fault": fault, "email": email, "notice": notice, "next": _wanted(request)}
    return render(request, "chat/sign_in.html", context, status=status)


def _wanted(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next", "")


def _target(request: HttpRequest) -> str:
    wanted = _wanted(request)
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"
