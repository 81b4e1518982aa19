"""Connecting an account: off to Google's page, and back with its answer.

Between the two, the person's own session keeps what binds the answer to them (RFC 6749, section 10.12).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from decommerce.accounts.connections import LONGEST_NAME, find_own, give_back, keep_grant, own_accounts
from decommerce.accounts.errors import ACCOUNTS_PAGE, ConnectRefused, OAuthNotConfigured, OAuthScopeMissing
from decommerce.accounts.google.oauth import CALL_SECONDS, Grant, consent_url, exchange, is_configured
from decommerce.accounts.models import ConnectedAccount, Provider
from decommerce.accounts.service import SERVICES
from decommerce.outgoing.json_api import JsonApi
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.principal import Principal

CALLBACK = f"{ACCOUNTS_PAGE}callback/"
GOOD_FOR_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that waits for Google's answer. JSON values only: it is kept in the session."""

    state: str
    nonce: str
    verifier: str
    tenant_id: int
    user_id: int | None
    services: list[str]
    name: str
    asked_at: float

    @classmethod
    def kept(cls, value: Any) -> Pending | None:
        """The question that a session kept, if it did."""
        return cls(**value) if isinstance(value, dict) else None

    def as_dict(self) -> dict[str, Any]:
        """What the session keeps."""
        return asdict(self)


def redirect_uri() -> str:
    """Where Google sends people back to; the operator registers it there."""
    return settings.PUBLIC_URL.rstrip("/") + CALLBACK


def begin(
    principal: Principal, services: Sequence[str], name: str = "", account_id: int | None = None
) -> tuple[Pending, str]:
    """The question and the page that asks it: for a new account, or again for one of one's own. Needs the scope."""
    wanted = [SERVICES[service] for service in services if service in SERVICES]
    if not wanted:
        raise NotFound("There is no such service to connect.", hint=f"Choose one at {ACCOUNTS_PAGE}.")
    if not is_configured():
        raise OAuthNotConfigured(
            "Nothing can be connected here yet.", hint="The operator sets GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET."
        )
    if len(name) > LONGEST_NAME:
        raise ConnectRefused(f"The name is longer than {LONGEST_NAME} characters.", hint="Choose a shorter one.")
    known = None if account_id is None else find_own(principal, account_id)
    pending = Pending(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(64),
        tenant_id=principal.tenant_id,
        user_id=principal.id,
        services=[service.name for service in wanted],
        name=name,
        asked_at=time.time(),
    )
    url = consent_url(
        [service.scope for service in wanted],
        redirect_uri=redirect_uri(),
        state=pending.state,
        nonce=pending.nonce,
        verifier=pending.verifier,
        address=known.email if known else "",
    )
    return pending, url


def finish(principal: Principal, pending: Pending | None, answer: Mapping[str, str]) -> ConnectedAccount:
    """The connected account; called outside any transaction.

    Raises ConnectRefused, or OAuthScopeMissing where the person allowed nothing of what was asked for: Google lets
    people choose.
    """
    asked = _asked(principal, pending, answer)
    api = JsonApi(principal.tenant_id, (settings.GOOGLE_OAUTH_URL,), CALL_SECONDS)
    grant = exchange(api, answer["code"], redirect_uri=redirect_uri(), verifier=asked.verifier, nonce=asked.nonce)
    if not any(SERVICES[service].is_granted(grant.tokens.scopes or ()) for service in asked.services):
        _give_up(principal, grant)
        raise OAuthScopeMissing(asked.services[0], grant.email)
    with tenant_scope(principal.tenant_id):
        return keep_grant(principal, grant, asked.name)


def _asked(principal: Principal, pending: Pending | None, answer: Mapping[str, str]) -> Pending:
    """The question; raises ConnectRefused unless this very person was sent off from here a moment ago, and said yes."""
    ours = pending is not None and constant_time_compare(pending.state, answer.get("state", ""))
    if pending is None or not ours or time.time() > pending.asked_at + GOOD_FOR_SECONDS:
        raise ConnectRefused("This answer belongs to no question of ours.", hint=f"Begin again at {ACCOUNTS_PAGE}.")
    if (pending.tenant_id, pending.user_id) != (principal.tenant_id, principal.id):
        raise ConnectRefused(
            "You began this in another community.", hint=f"Change back to it, and begin again at {ACCOUNTS_PAGE}."
        )
    if answer.get("error") == "access_denied":
        raise ConnectRefused(
            "You did not allow the access, so nothing was connected.", hint=f"Begin again at {ACCOUNTS_PAGE}."
        )
    if not answer.get("code"):
        raise ConnectRefused("Google sent you back without an answer.", hint=f"Begin again at {ACCOUNTS_PAGE}.")
    return pending


def _give_up(principal: Principal, grant: Grant) -> None:
    """Give back a permission that is of no use; one that an account lives on is left alone."""
    with tenant_scope(principal.tenant_id):
        lives = own_accounts(principal).filter(provider=Provider.GOOGLE, subject=grant.subject).exists()
    if not lives:
        give_back(principal, "account:none", grant.tokens.refresh or grant.tokens.access)
