"""Making, finding, rotating and revoking API keys (SEC-04)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.context import locator_scope
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.models import ApiKey
from decommerce.tenancy.principal import SCOPES, Principal

PREFIX = "dk_"
SHOWN = 11
LONGEST_USE = timedelta(days=3653)
USE_RECORDED_EVERY = timedelta(minutes=5)


class KeyRefused(PlatformError):
    """The key is unknown, expired or revoked; which of them is said only to someone who holds it."""

    code = "key_refused"
    status = 401


class KeyEnded(PlatformError):
    """The key was revoked or has expired; it has no successor."""

    code = "key_ended"
    status = 409


class EndsBeforeItBegins(PlatformError):
    """The key would never be good."""

    code = "in_the_past"
    status = 422


class EndsTooLate(PlatformError):
    """The key would be good for longer than anybody plans."""

    code = "too_late"
    status = 422


class SourceReserved(PlatformError):
    """The source of events is one that only the platform has."""

    code = "source_refused"
    status = 422


class UnknownScope(PlatformError):
    """A scope that does not exist."""

    code = "unknown_scope"


def digest_of(secret: str) -> str:
    """SHA-256 of a key, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    principal: Principal,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None = None,
    confirms: bool = False,
    event_source: str = "",
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown this once. No key can hold more than its maker.

    With `confirms` a person has to confirm each change that is made with it, where an agent can ask one. With an
    `event_source`, such as /billing, it sends events from there and below it, and no other key does.
    """
    principal.require("admin")
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise UnknownScope(f"There is no scope “{scope}”.", hint="Scopes: " + ", ".join(SCOPES))
        principal.require(scope)
    if event_source.startswith("/tenants"):
        raise SourceReserved("Sources that begin with /tenants are the platform's own.", hint="Name your program.")
    if expires_at is not None and expires_at <= timezone.now():
        raise EndsBeforeItBegins("A key cannot end in the past.", hint="Name a later time, or none.")
    if expires_at is not None and expires_at - timezone.now() > LONGEST_USE:
        raise EndsTooLate("A key ends within ten years, or never.", hint="Name an earlier time, or none.")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=wanted,
        confirms=confirms or principal.confirms,
        created_by=principal.label,
        expires_at=expires_at,
        event_source=event_source.rstrip("/"),
    )
    record_audit(principal, "api_key.created", f"api_key:{key.pk}", {"name": name, "scopes": wanted})
    return key, secret


def authenticate_key(secret: str) -> Principal:
    """The principal behind a key; raises KeyRefused. Works before any tenant is known."""
    digest = digest_of(secret)
    now = timezone.now()
    with locator_scope("key_digest", digest):
        key = ApiKey.across_tenants.filter(digest=digest).first()
    if key is None:
        raise KeyRefused("This API key is not known.", hint="Check the key, or make a new one.")
    if key.revoked_at is not None and key.revoked_at <= now:
        raise KeyRefused(f"The API key “{key.name}” was revoked.", hint="Make a new key.")
    if key.expires_at is not None and key.expires_at <= now:
        raise KeyRefused(f"The API key “{key.name}” expired.", hint="Rotate it to get a new one.")
    return Principal("api_key", key.pk, f"API key {key}", key.tenant_id, frozenset(key.scopes), confirms=key.confirms)


def record_use(key_id: int) -> None:
    """Remember that the key is in use, at most once in five minutes. Needs the tenant's scope.

    Where another request of the key is just writing it down, nobody waits for that request to end.
    """
    now = timezone.now()
    due = ApiKey.objects.filter(pk=key_id).exclude(last_used_at__gt=now - USE_RECORDED_EVERY)
    ApiKey.objects.filter(pk__in=due.select_for_update(skip_locked=True).values("pk")).update(last_used_at=now)


def rotate_key(principal: Principal, key_id: int, *, overlap: timedelta = timedelta(days=1)) -> tuple[ApiKey, str]:
    """A successor with the same scopes; the old key stays good for `overlap` and then ends."""
    old = _key(key_id)
    now = timezone.now()
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise KeyEnded(f"The API key “{old.name}” has ended.", hint="Make a new key instead.")
    new, secret = create_key(principal, old.name, old.scopes, confirms=old.confirms, event_source=old.event_source)
    ends = now + overlap
    old.expires_at = min(old.expires_at, ends) if old.expires_at else ends
    old.save(update_fields=["expires_at"])
    record_audit(principal, "api_key.rotated", f"api_key:{old.pk}", {"successor": new.pk, "ends": ends.isoformat()})
    return new, secret


def revoke_key(principal: Principal, key_id: int) -> None:
    """End a key at once."""
    principal.require("admin")
    key = _key(key_id)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record_audit(principal, "api_key.revoked", f"api_key:{key.pk}")


def _key(key_id: int) -> ApiKey:
    key = ApiKey.objects.filter(pk=key_id).first()
    if key is None:
        raise NotFound(f"There is no API key {key_id}.")
    return key
