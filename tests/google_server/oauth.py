"""The consent page and the endpoints of tokens."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.google_server.wire import oauth_failure
from tests.wire_server import Asked, Reply, answer

CLIENT_ID = "1234567890-abc.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-of-the-tests"
LIFETIME = 3599
_LONG = {"email": "https://www.googleapis.com/auth/userinfo.email"}


@dataclass
class Permission:
    """What one person allowed. `refresh` is its refresh token; access tokens map to the time when they end."""

    email: str
    scopes: list[str]
    refresh: str = field(default_factory=lambda: f"1//0{secrets.token_urlsafe(24)}")
    access: dict[str, float] = field(default_factory=dict)
    revoked: bool = False

    def new_access(self, seconds: float = LIFETIME) -> str:
        """One more access token."""
        token = f"ya29.{secrets.token_urlsafe(32)}"
        self.access[token] = time.time() + seconds
        return token


class Identity:
    """Google's sign-in for one client. `email` is who sits at the browser; `refreshes` counts renewals, `claims`
    change what an ID token says, and with `rotate` each renewal brings another refresh token."""

    def __init__(self) -> None:
        self.email = "ann@gmail.example"
        self.permissions: list[Permission] = []
        self.codes: dict[str, tuple[Permission, Asked]] = {}
        self.refreshes = 0
        self.claims: dict[str, Any] = {}
        self.rotate = False

    def permit(self, *scopes: str, email: str | None = None) -> Permission:
        """A permission that was given earlier."""
        permission = Permission(email or self.email, list(scopes))
        self.permissions.append(permission)
        return permission

    def holder(self, token: str) -> Permission | None:
        """The permission behind an access token that is good."""
        for permission in self.permissions:
            if not permission.revoked and permission.access.get(token, 0) > time.time():
                return permission
        return None

    def consent_page(self, asked: Asked) -> Reply:
        """Asks the person; a box for each scope, as Google does since it lets people choose."""
        faults = [name for name, wanted in _DEMANDS.items() if asked.first(name) != wanted]
        missing = [name for name in ("redirect_uri", "scope", "state", "code_challenge") if not asked.first(name)]
        if faults or missing:
            return Reply(400, f"Error 400: invalid_request {faults + missing}".encode(), {"Content-Type": "text/html"})
        boxes = "".join(
            f'<label><input type="checkbox" name="scope" value="{html.escape(scope)}" checked> {html.escape(scope)}'
            "</label><br>"
            for scope in asked.first("scope").split()
        )
        page = f"""<!doctype html><html lang="en"><title>Sign in – Google Accounts</title>
            <h1>Decommerce wants access to your Google Account</h1><p>{html.escape(self.email)}</p>
            <form method="post" action="{html.escape(asked.target)}">{boxes}
            <button name="verdict" value="allow">Allow</button><button name="verdict" value="cancel">Cancel</button>
            </form>"""
        return Reply(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def verdict(self, asked: Asked, chosen: list[str], *, allowed: bool) -> Reply:
        """Send the browser back."""
        back = {"state": asked.first("state")}
        if allowed:
            known = [scope for old in self.permissions if self._same(old) for scope in old.scopes]
            permission = self.permit(*dict.fromkeys(_LONG.get(scope, scope) for scope in [*chosen, *known]))
            code = f"4/0A{secrets.token_urlsafe(24)}"
            self.codes[code] = (permission, asked)
            back |= {"code": code, "scope": " ".join(permission.scopes)}
        else:
            back |= {"error": "access_denied"}
        return Reply(302, b"", {"Location": f"{asked.first('redirect_uri')}?{urlencode(back)}"})

    def token(self, asked: Asked) -> Reply:
        """The endpoint of tokens."""
        form = asked.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return oauth_failure(401, "invalid_client", "Unauthorized")
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form["refresh_token"])
        permission, question = self.codes.pop(form.get("code", ""), (None, asked))
        if permission is None:
            return oauth_failure(400, "invalid_grant", "Malformed auth code.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != question.first("code_challenge"):
            return oauth_failure(400, "invalid_grant", "Invalid code verifier.")
        if form.get("redirect_uri") != question.first("redirect_uri"):
            return oauth_failure(400, "redirect_uri_mismatch", "Bad Request")
        more = {"refresh_token": permission.refresh, "id_token": self.id_token(permission, question.first("nonce"))}
        return self._tokens(permission, more)

    def revoke(self, asked: Asked) -> Reply:
        """Takes either token; everything that the person allowed is over then."""
        token = asked.form.get("token", "")
        for permission in self.permissions:
            if token and not permission.revoked and (token == permission.refresh or token in permission.access):
                permission.revoked = True
                return answer({})
        return oauth_failure(400, "invalid_token", "Token expired or revoked")

    def id_token(self, permission: Permission, nonce: str) -> str:
        """An ID token; its signature is none, which nobody looks at who got it over TLS."""
        claims = {
            "iss": "https://accounts.google.com",
            "aud": CLIENT_ID,
            "sub": f"1{int.from_bytes(hashlib.sha256(permission.email.encode()).digest()[:8]):020d}",
            "email": permission.email,
            "email_verified": True,
            "nonce": nonce,
            "iat": int(time.time()),
            "exp": int(time.time()) + 3600,
            **self.claims,
        }
        return ".".join(_part(part) for part in ({"alg": "RS256", "typ": "JWT"}, claims, {"not": "a signature"}))

    def _refresh(self, refresh: str) -> Reply:
        self.refreshes += 1
        for permission in self.permissions:
            if permission.refresh == refresh and not permission.revoked:
                return self._tokens(permission, self._rotated(permission) if self.rotate else {})
        return oauth_failure(400, "invalid_grant", "Token has been expired or revoked.")

    def _tokens(self, permission: Permission, more: dict[str, str]) -> Reply:
        document = {
            "access_token": permission.new_access(),
            "expires_in": LIFETIME,
            "scope": " ".join(permission.scopes),
            "token_type": "Bearer",
        }
        return answer({**document, **more})

    def _rotated(self, permission: Permission) -> dict[str, str]:
        permission.refresh = f"1//0{secrets.token_urlsafe(24)}"
        return {"refresh_token": permission.refresh}

    def _same(self, permission: Permission) -> bool:
        return permission.email == self.email and not permission.revoked


_DEMANDS = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "code_challenge_method": "S256",
    "access_type": "offline",
    "prompt": "consent",
}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
