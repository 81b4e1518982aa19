"""Limits on how often something may be tried, shared by every web process (SEC-07)."""

from __future__ import annotations

import hashlib
import logging
from functools import cache

from django.conf import settings
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from decommerce.tenancy.errors import PlatformError

logger = logging.getLogger(__name__)

PER_ADDRESS = parse("60 per 10 minutes")
PER_ACCOUNT = parse("10 per 15 minutes")
INVITATIONS_PER_TENANT = parse("30 per hour")
PATIENCE_SECONDS = 1.0


class TooManyAttempts(PlatformError):
    """Wait, whoever you are; the message does not say which limit was met."""

    code = "too_many_attempts"
    status = 429
    retryable = True


class ThrottleUnavailable(PlatformError):
    """Attempts cannot be counted now, so none is let through."""

    code = "throttle_unavailable"
    status = 503
    retryable = True


def count_sign_in(address: str, account: str) -> None:
    """Count one attempt of an address and of an account; raises TooManyAttempts or ThrottleUnavailable."""
    allowed = [
        _hit(PER_ADDRESS, "sign-in", "address", address),
        _hit(PER_ACCOUNT, "sign-in", "account", _digest(account)),
    ]
    if not all(allowed):
        raise TooManyAttempts("That was tried too often.", hint="Wait a quarter of an hour, then try again.")


def count_invitation(tenant_id: int) -> None:
    """Count one mail of an invitation; raises TooManyAttempts or ThrottleUnavailable."""
    if not _hit(INVITATIONS_PER_TENANT, "invitation", "tenant", str(tenant_id)):
        raise TooManyAttempts("Too many invitations went out.", hint="Send more of them in an hour.")


def forget_sign_in(account: str) -> None:
    """The person was right: earlier attempts on the account count no more."""
    try:
        _limiter().clear(PER_ACCOUNT, "sign-in", "account", _digest(account))
    except StorageError:
        logger.warning("the sign-in counter of an account was not cleared: the limits' storage is away")


def _hit(item: RateLimitItem, *names: str) -> bool:
    try:
        return _limiter().hit(item, *names)
    except StorageError as error:
        raise ThrottleUnavailable("This is not possible right now.", hint="Try again in a minute.") from error


def _digest(account: str) -> str:
    # An address of a person is personal data: only its digest leaves for another store.
    return hashlib.sha256(account.encode()).hexdigest()


@cache
def _limiter() -> MovingWindowRateLimiter:
    storage = RedisStorage(
        settings.REDIS_URL,
        key_prefix=f"{settings.QUEUE_NAMESPACE}:attempts",
        wrap_exceptions=True,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # passed on to redis
    )
    return MovingWindowRateLimiter(storage)
