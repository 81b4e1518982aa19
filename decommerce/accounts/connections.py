"""The accounts that people connected: whose they are, keeping a permission, giving it back. All need the scope."""

from __future__ import annotations

import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from decommerce.accounts.errors import AccountNotFound, ConnectRefused, OAuthNotConnected, OAuthOwnerless
from decommerce.accounts.google.oauth import CALL_SECONDS, Grant, revoke
from decommerce.accounts.models import AccountState, ConnectedAccount, Provider
from decommerce.accounts.service import granted_services
from decommerce.outgoing.json_api import JsonApi
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Membership
from decommerce.tenancy.principal import Principal

logger = logging.getLogger(__name__)

FIRST_NAME = "default"
MOST_ACCOUNTS = 20
LONGEST_NAME = 64


def own_accounts(principal: Principal) -> QuerySet[ConnectedAccount]:
    """Those of the person; a program has none."""
    if principal.kind != "user" or principal.id is None:
        return ConnectedAccount.objects.none()
    return ConnectedAccount.objects.filter(user_id=principal.id).select_related("user")


def others_accounts(principal: Principal) -> QuerySet[ConnectedAccount]:
    """Those of other people, for admins: that they exist, and not whose mailbox they are."""
    others = ConnectedAccount.objects.exclude(pk__in=own_accounts(principal).values("pk"))
    return others.select_related("user") if principal.may("admin") else others.none()


def find_own(principal: Principal, account_id: int) -> ConnectedAccount:
    """One's own account of that number; raises AccountNotFound for everybody else's."""
    account = own_accounts(principal).filter(pk=account_id).first()
    if account is None:
        raise AccountNotFound
    return account


def account_of(user_id: int | None, service: str, wanted: str) -> ConnectedAccount:
    """The account of that name or address; without either, the one called default or the only one.

    Raises OAuthNotConnected; also for someone who has left the team, whose apps may go on without them.
    """
    if user_id is None:
        raise OAuthOwnerless(service)
    own = _usable(user_id)
    named = [account for account in own if account.name == (wanted or FIRST_NAME)]
    if wanted:
        named = named or [account for account in own if account.email.lower() == wanted.lower()]
    found = named or (own if len(own) == 1 and not wanted else [])
    if not found:
        raise OAuthNotConnected(service, wanted)
    return found[0]


def keep_grant(principal: Principal, grant: Grant, name: str) -> ConnectedAccount:
    """Connect the account of a permission, or bring it up to date if it is connected; raises ConnectRefused."""
    if principal.id is None:
        raise ConnectRefused("Accounts belong to people.", hint="Sign in, and connect it there.")
    own = own_accounts(principal)
    known = own.filter(provider=Provider.GOOGLE, subject=grant.subject).first()
    account = known or ConnectedAccount(user_id=principal.id, subject=grant.subject, name=_free_name(own, name, grant))
    account.email = grant.email
    account.access_token = grant.tokens.access
    account.refresh_token = grant.tokens.refresh or account.refresh_token
    account.expires_at = grant.tokens.expires_at
    account.scopes = list(grant.tokens.scopes or ())
    account.state, account.last_error, account.connected_at = AccountState.ACTIVE, "", timezone.now()
    account.save()
    services = [service.name for service in granted_services(account.scopes)]
    record_audit(principal, "account.connected", f"account:{account.pk}", {"provider": "google", "services": services})
    return account


def disconnect(principal: Principal, account_id: int) -> None:
    """Forget an account of one's own at once, and give its permission back to Google after the commit."""
    account = find_own(principal, account_id)
    token = account.refresh_token or account.access_token
    account.delete()
    record_audit(principal, "account.disconnected", f"account:{account_id}", {"provider": account.provider})
    transaction.on_commit(partial(give_back, principal, f"account:{account_id}", token))


def give_back(principal: Principal, target: str, token: str) -> None:
    """Tell Google that a permission is no longer wanted; called outside any transaction.

    Where Google cannot be told, the log says so: nobody has the token any more, and what is left is an entry in the
    person's own list at Google.
    """
    try:
        revoke(JsonApi(principal.tenant_id, (settings.GOOGLE_OAUTH_URL,), CALL_SECONDS), token)
    except PlatformError as error:
        logger.warning("%s: its permission was not given back: %s", target, error.code)
        with tenant_scope(principal.tenant_id):
            record_audit(principal, "account.revocation_failed", target, {"code": error.code})


def _usable(user_id: int) -> list[ConnectedAccount]:
    """The accounts of someone who is in the team."""
    if not Membership.objects.filter(user_id=user_id, user__is_active=True).exists():
        return []
    return list(ConnectedAccount.objects.filter(user_id=user_id))


def _free_name(own: QuerySet[ConnectedAccount], wanted: str, grant: Grant) -> str:
    """The name that was asked for; else `default`, and the address for those after the first."""
    if len(own) >= MOST_ACCOUNTS:
        raise ConnectRefused(f"You have connected {MOST_ACCOUNTS} accounts already.", hint="Disconnect one before.")
    taken = {account.name for account in own}
    if wanted in taken:
        raise ConnectRefused(f"Another account of yours is called “{wanted}”.", hint="Choose another name.")
    candidates = (wanted, FIRST_NAME, grant.email[:LONGEST_NAME], grant.subject[:LONGEST_NAME])
    return next(name for name in candidates if name and name not in taken)
