"""Google's OAuth 2.0 for web servers, with PKCE (RFC 7636) and its ID token (OpenID Connect Core 1.0).

https://developers.google.com/identity/protocols/oauth2/web-server
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from decommerce.accounts.errors import ConnectRefused, OAuthNotConfigured
from decommerce.outgoing.json_api import Answer, JsonApi, ServiceBusy, ServiceFailed
from decommerce.outgoing.request import OutgoingRequest
from decommerce.tenancy.errors import PlatformError

LABEL = "Google"
CALL_SECONDS = 10.0
IDENTITY_SCOPES = ("openid", "email")
_ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})


class GrantEnded(PlatformError):
    """`invalid_grant`: the permission is over. The token's owner knows what to call it."""

    code = "invalid_grant"
    sent = True


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Google hands out. `refresh` is empty, and `scopes` None, where an answer leaves them as they are."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's permission: whose account it is, and its tokens."""

    tokens: Tokens
    subject: str
    email: str


def is_configured() -> bool:
    """Whether the operator registered the platform at Google."""
    return bool(settings.GOOGLE_CLIENT_ID and settings.GOOGLE_CLIENT_SECRET)


def consent_url(
    scopes: Sequence[str], *, redirect_uri: str, state: str, nonce: str, verifier: str, address: str
) -> str:
    """Where a person is asked. What was granted before stays granted; `address` is the account that is meant."""
    asked = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join((*IDENTITY_SCOPES, *scopes)),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
        # Without these two there is no refresh token, or only the first time.
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
    }
    if address:
        asked["login_hint"] = address
    return f"{settings.GOOGLE_CONSENT_URL}?{urlencode(asked)}"


def exchange(api: JsonApi, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> Grant:
    """The permission behind a code that Google sent a browser back with; raises ConnectRefused."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    try:
        answer = _token(api, asked)
    except GrantEnded as error:
        raise ConnectRefused(
            "Google does not know this permission any more.", hint="Begin again: its answer is good for a few minutes."
        ) from error
    claims = _claims(answer.get("id_token"), nonce)
    return Grant(_tokens(answer), claims["sub"], claims["email"])


def refresh(api: JsonApi, refresh_token: str) -> Tokens:
    """A new access token; raises GrantEnded where the permission is over."""
    return _tokens(_token(api, {"grant_type": "refresh_token", "refresh_token": refresh_token}))


def revoke(api: JsonApi, token: str) -> None:
    """Give a permission back, with either of its tokens. One that is over already is no error."""
    answer = api.call(_form("revoke", {"token": token}))
    if answer.status != 200 and answer.text("error") != "invalid_token":
        raise _failure(answer)


def _token(api: JsonApi, asked: Mapping[str, str]) -> dict[str, Any]:
    credentials = {"client_id": settings.GOOGLE_CLIENT_ID, "client_secret": settings.GOOGLE_CLIENT_SECRET}
    answer = api.call(_form("token", {**asked, **credentials}))
    document = answer.json
    if answer.status != 200 or not isinstance(document.get("access_token"), str):
        raise _failure(answer)
    return document


def _form(path: str, fields: Mapping[str, str]) -> OutgoingRequest:
    return OutgoingRequest(
        url=f"{settings.GOOGLE_OAUTH_URL}/{path}",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        body=urlencode(fields).encode(),
        timeout_seconds=CALL_SECONDS,
    )


def _failure(answer: Answer) -> PlatformError:
    """The error of an answer that is none of what was asked for (RFC 6749, section 5.2)."""
    error = answer.text("error")
    if answer.status == 429 or error in {"rate_limit_exceeded", "slow_down"}:
        return ServiceBusy(LABEL, answer.retry_after)
    if error == "invalid_grant":
        return GrantEnded("Google says that the permission has ended.")
    if error in {"invalid_client", "unauthorized_client", "redirect_uri_mismatch", "deleted_client"}:
        return OAuthNotConfigured(
            f"Google refuses the platform itself: {error}.",
            hint="The operator compares GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and the redirect URI with Google.",
        )
    return ServiceFailed(
        f"Google's sign-in answered with the status {answer.status}.",
        hint="Try again later.",
        retryable=answer.status >= 500,
        retry_after=answer.retry_after,
    )


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    seconds = answer.get("expires_in")
    scope = answer.get("scope")
    return Tokens(
        access=answer["access_token"],
        refresh=str(answer.get("refresh_token") or ""),
        expires_at=timezone.now() + timedelta(seconds=seconds if isinstance(seconds, int) else 0),
        scopes=tuple(scope.split()) if isinstance(scope, str) else None,
    )


def _claims(token: object, nonce: str) -> dict[str, Any]:
    """The claims of an ID token. It came from Google itself over TLS, so its signature adds nothing (3.1.3.7, 6)."""
    try:
        payload = str(token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        ours = claims["aud"] == settings.GOOGLE_CLIENT_ID and claims["iss"] in _ISSUERS and claims["nonce"] == nonce
        known = ours and claims["exp"] > timezone.now().timestamp() and bool(claims["sub"] and claims["email"])
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise _unknown() from error
    if not known:
        raise _unknown()
    return dict(claims)


def _unknown() -> ConnectRefused:
    return ConnectRefused("Google did not say whose account this is.", hint="Begin again.")


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
