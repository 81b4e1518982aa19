"""Access tokens that are good: renewed a minute before they end, by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import OperationalError, connection
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from decommerce.accounts.connections import account_of
from decommerce.accounts.errors import OAuthExpired, OAuthFailure, OAuthNotConnected, OAuthRevoked, OAuthScopeMissing
from decommerce.accounts.google.oauth import CALL_SECONDS, GrantEnded, Tokens, refresh
from decommerce.accounts.models import AccountState, ConnectedAccount
from decommerce.accounts.service import SERVICES
from decommerce.outgoing.errors import OutgoingTimeout
from decommerce.outgoing.json_api import JsonApi
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError

RENEWED_BEFORE = timedelta(seconds=60)
USE_RECORDED_EVERY = timedelta(minutes=5)
_ENDED: dict[str, type[OAuthFailure]] = {AccountState.REVOKED: OAuthRevoked, AccountState.EXPIRED: OAuthExpired}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, and whose it is. Its text is in no representation, so in no log."""

    account_id: int
    address: str
    text: str = field(repr=False)


def access_token(
    api: JsonApi, user_id: int | None, service: str, wanted: str = "", refused: AccessToken | None = None
) -> AccessToken:
    """A token of the person's account for a service; one that was `refused` is renewed whatever its time.

    Called outside any transaction. Raises OAuthFailure, and what the call of Google's sign-in raises.
    """
    stale = refused.text if refused else ""
    with tenant_scope(api.tenant_id):
        account = account_of(user_id, service, wanted)
        if refusal := _refusal(account, service):
            raise refusal
        if _is_fresh(account, stale):
            _note_use(account)
            return _token_of(account)
    return _renewed(api, account.pk, service, stale)


def mark_insufficient(api: JsonApi, token: AccessToken, service: str) -> OAuthScopeMissing:
    """The error of an account that turned out not to allow a service; other services go on with it."""
    with tenant_scope(api.tenant_id):
        error = OAuthScopeMissing(service, token.address)
        account = ConnectedAccount.objects.select_for_update().filter(pk=token.account_id).first()
        if account is not None:
            account.scopes = [scope for scope in account.scopes if scope not in SERVICES[service].accepted]
            _failed(account, AccountState.INSUFFICIENT, error)
    return error


def _renewed(api: JsonApi, account_id: int, service: str, stale: str) -> AccessToken:
    """The token after a renewal, ours or that of whoever held the account's lock before us."""
    try:
        with tenant_scope(api.tenant_id):
            account, failure = _renew(api, account_id, service, stale)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise OutgoingTimeout(
            "The account is being renewed by another run.", hint="It is tried again later."
        ) from error
    # Only now: what was learned of the account, and the record of the call, are committed.
    if failure is not None:
        raise failure
    return _token_of(account)


def _renew(api: JsonApi, account_id: int, service: str, stale: str) -> tuple[ConnectedAccount, PlatformError | None]:
    patience = min(CALL_SECONDS, api.remaining())
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience * 1000:.0f}ms"])
    account = ConnectedAccount.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise OAuthNotConnected(service)
    # Whoever held the lock before us may have renewed it, or learned that there is nothing to renew.
    if (ended := _refusal(account, service)) or _is_fresh(account, stale):
        return account, ended
    if not account.refresh_token:
        return account, _failed(account, AccountState.EXPIRED, OAuthExpired(service, account.email))
    try:
        _store(account, refresh(api, account.refresh_token))
    except GrantEnded:
        account.access_token = account.refresh_token = ""
        return account, _failed(account, AccountState.REVOKED, OAuthRevoked(service, account.email))
    except PlatformError as error:
        return account, error
    return account, _refusal(account, service)


def _store(account: ConnectedAccount, tokens: Tokens) -> None:
    account.access_token = tokens.access
    account.refresh_token = tokens.refresh or account.refresh_token
    account.expires_at = tokens.expires_at
    account.scopes = account.scopes if tokens.scopes is None else list(tokens.scopes)
    account.used_at = timezone.now()
    account.save()


def _refusal(account: ConnectedAccount, service: str) -> OAuthFailure | None:
    """Why the account is not good for the service, by what is known of it."""
    ended = _ENDED.get(account.state)
    if ended is not None:
        return ended(service, account.email)
    return None if SERVICES[service].is_granted(account.scopes) else OAuthScopeMissing(service, account.email)


def _is_fresh(account: ConnectedAccount, stale: str) -> bool:
    return account.access_token not in ("", stale) and account.expires_at > timezone.now() + RENEWED_BEFORE


def _failed(account: ConnectedAccount, state: AccountState, error: OAuthFailure) -> OAuthFailure:
    """The error, now that the account's row says so too."""
    account.state, account.last_error = state, error.code
    account.save()
    return error


def _note_use(account: ConnectedAccount) -> None:
    now = timezone.now()
    if account.used_at is None or account.used_at < now - USE_RECORDED_EVERY:
        ConnectedAccount.objects.filter(pk=account.pk).update(used_at=now)


def _token_of(account: ConnectedAccount) -> AccessToken:
    return AccessToken(account.pk, account.email, account.access_token)
