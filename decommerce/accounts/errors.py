"""Why a connected account cannot be used, each with what its owner has to do and where.

Those of OAuthFailure are answered by the escalation rule `on_oauth_failure` (RUN-11); none passes by itself.
"""

from __future__ import annotations

from decommerce.accounts.service import SERVICES
from decommerce.tenancy.errors import NotFound, PlatformError

# The page of connected accounts, as the pages' own list of addresses has it.
ACCOUNTS_PAGE = "/accounts/"


class OAuthFailure(PlatformError):
    """The family of what only the account's owner can mend, by connecting it (again)."""

    code = "oauth_failure"
    status = 409
    wording = "{label} cannot be used."
    advice = "The person who made the app connects {label} at {page}."

    def __init__(self, service: str, account: str = "") -> None:
        label = SERVICES[service].label
        named = f"{label} ({account})" if account else label
        super().__init__(
            self.wording.format(label=named),
            hint=self.advice.format(label=label, page=ACCOUNTS_PAGE),
        )


class OAuthNotConnected(OAuthFailure):
    """No such account of that person, or the person is not in the community's team any more."""

    code = "oauth_not_connected"
    wording = "{label} is not connected."


class OAuthOwnerless(OAuthNotConnected):
    """No person's account may be used: a program made the app, or somebody else wrote what is running."""

    advice = (
        "An app reads with the account of the person who made it, and only what that person wrote. Make the app "
        "yourself, and connect {label} at {page}."
    )


class OAuthExpired(OAuthFailure):
    """The permission was given for a time that is over."""

    code = "oauth_expired"
    wording = "The connection to {label} has expired."


class OAuthRevoked(OAuthFailure):
    """The permission was taken back, at Google or by a new password."""

    code = "oauth_revoked"
    wording = "The connection to {label} was revoked at Google."


class OAuthScopeMissing(OAuthFailure):
    """The account is connected, but not for this."""

    code = "oauth_scope_missing"
    wording = "The connected account does not allow reading {label}."


class OAuthNotConfigured(PlatformError):
    """The operator has not registered the platform at Google, or not completely."""

    code = "oauth_not_configured"
    status = 503


class ConnectRefused(PlatformError):
    """A connection that did not come about; nothing was stored."""

    code = "connect_refused"
    status = 409


class AccountNotFound(NotFound):
    """No such connected account of this person."""

    code = "account_not_found"

    def __init__(self) -> None:
        super().__init__("You have no such connected account.", hint=f"Yours are at {ACCOUNTS_PAGE}.")
