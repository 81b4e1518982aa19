"""How often a principal may read and write, counted in Valkey for all web processes together.

REST and MCP spend from the same budgets. Where Valkey is full or down each web process counts for itself, and says
so in the log: nobody gets more than a budget from each process.
"""

from __future__ import annotations

import logging
import math
import time
from functools import cache
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from decommerce import environment
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal

Kind = Literal["read", "write", "call"]

PATIENCE_SECONDS = 0.5


def _rate(name: str, default: str) -> RateLimitItem:
    text = environment.text(name, default)
    try:
        return parse(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is “{text}”, which is no rate such as {default}.") from error


RATES = {
    "read": _rate("DECOMMERCE_READ_RATE", "600/minute"),
    "write": _rate("DECOMMERCE_WRITE_RATE", "120/minute"),
    # Of each address at which other systems call an app.
    "call": _rate("DECOMMERCE_WEBHOOK_RATE", "300/minute"),
}

logger = logging.getLogger(__name__)


class RateLimited(PlatformError):
    """Too many requests in a short time; the same one succeeds after `retry_after` seconds."""

    code = "rate_limited"
    status = 429
    retryable = True

    def __init__(self, kind: Kind, retry_after: int) -> None:
        super().__init__(
            f"Too many requests: at most {RATES[kind]} for {kind}s.", hint=f"Try again in {retry_after} s."
        )
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "retry_after": self.retry_after}


def spend(principal: Principal, kind: Kind) -> None:
    """Count one request; raises RateLimited at the end of the budget."""
    spend_of(f"{principal.tenant_id}:{principal.kind}:{principal.id}", kind)


def spend_of(who: str, kind: Kind) -> None:
    """The same for somebody who is no principal."""
    try:
        _count(_limiter(), who, kind)
    except StorageError as error:
        logger.warning("rates are counted in this process alone, Valkey counts nothing: %s", type(error).__name__)
        _count(_limiter_of_this_process(), who, kind)


def _count(limiter: SlidingWindowCounterRateLimiter, who: str, kind: Kind) -> None:
    if not limiter.hit(RATES[kind], kind, who):
        reset = limiter.get_window_stats(RATES[kind], kind, who).reset_time
        raise RateLimited(kind, max(1, math.ceil(reset - time.time())))


@cache
def _limiter_of_this_process() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(MemoryStorage())


@cache
def _limiter() -> SlidingWindowCounterRateLimiter:
    pool = ConnectionPool.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    prefix = f"{settings.QUEUE_NAMESPACE}:rates"
    storage = RedisStorage(settings.REDIS_URL, connection_pool=pool, key_prefix=prefix, wrap_exceptions=True)
    return SlidingWindowCounterRateLimiter(storage)
