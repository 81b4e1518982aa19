"""Connected accounts: one's own, off to Google and back, and for admins that those of others exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from chat.views.access import TeamRequest, check_seat, page_for, show_error, to_sign_in
from chat.views.page import show
from decommerce.accounts.connections import disconnect as disconnect_account
from decommerce.accounts.connections import others_accounts, own_accounts
from decommerce.accounts.flow import Pending, begin, finish, redirect_uri
from decommerce.accounts.google.oauth import is_configured
from decommerce.accounts.models import AccountState, ConnectedAccount
from decommerce.accounts.service import SERVICES, Service, granted_services
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.threads import in_thread

PENDING = "account_pending"
FAULT = "account_fault"
LONGEST_ANSWER = 2_048


@dataclass(frozen=True, slots=True)
class Card:
    """An account as its page shows it: what it allows, and what it could allow besides."""

    account: ConnectedAccount
    allowed: tuple[Service, ...]
    more: tuple[Service, ...]
    is_over: bool


@never_cache
@require_safe
@page_for(scope=None)
def accounts(request: TeamRequest) -> HttpResponse:
    """The person's own accounts, each with what it allows."""
    context = {
        "cards": [_card(account) for account in own_accounts(request.principal)],
        "others": [_card(account) for account in others_accounts(request.principal)],
        "services": SERVICES.values(),
        "configured": is_configured(),
        "redirect_uri": redirect_uri(),
        "fault": request.session.pop(FAULT, None),
    }
    return show(request, "chat/accounts.html", context, section="accounts")


@never_cache
@require_POST
@page_for(scope=None)
def connect(request: TeamRequest) -> HttpResponse:
    """Off to Google: a page that goes there by itself, since the form may lead nowhere but here (CSP)."""
    wanted = request.POST.get("account", "")
    account_id = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None
    services = request.POST.getlist("service")[: len(SERVICES)]
    try:
        pending, url = begin(request.principal, services, request.POST.get("name", "").strip(), account_id)
    except PlatformError as error:
        return _back(request, error)
    request.session[PENDING] = pending.as_dict()
    labels = [SERVICES[service].label for service in pending.services]
    return render(request, "chat/accounts_leave.html", {"url": url, "labels": labels})


@never_cache
@require_GET
async def callback(request: TeamRequest) -> HttpResponse:
    """Back from Google. Outside the middleware's transaction, because Google is asked once more."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    try:
        check_seat(request, None)
    except PlatformError as error:
        return show_error(request, error)
    answer = {name: request.GET.get(name, "")[:LONGEST_ANSWER] for name in ("state", "code", "error")}
    return await in_thread(_finish, request, answer)


@require_POST
@page_for(scope=None)
def disconnect(request: TeamRequest, account_id: int) -> HttpResponse:
    """Forget one of one's own accounts."""
    disconnect_account(request.principal, account_id)
    return _done("account-disconnected")


def _finish(request: TeamRequest, answer: Mapping[str, str]) -> HttpResponse:
    try:
        finish(request.principal, Pending.kept(request.session.pop(PENDING, None)), answer)
    except PlatformError as error:
        return _back(request, error)
    return _done("account-connected")


def _back(request: TeamRequest, error: PlatformError) -> HttpResponse:
    """The page again, which says what went wrong: an address that can be reloaded without asking Google twice."""
    request.session[FAULT] = {"message": error.message, "hint": error.hint, "code": error.code}
    return redirect("accounts")


def _done(notice: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('accounts')}?done={notice}")


def _card(account: ConnectedAccount) -> Card:
    allowed = granted_services(account.scopes)
    more = tuple(service for service in SERVICES.values() if service not in allowed)
    return Card(account, allowed, more, account.state in {AccountState.EXPIRED, AccountState.REVOKED})
