"""Servers that the caller brings: DATABASE_URL and REDIS_URL of the environment."""

from urllib.parse import urlsplit

import psycopg
import redis

from deploy.local.errors import LocalError
from deploy.local.pings import ping_queue

PATIENCE_SECONDS = 5


def require_database(url: str) -> None:
    """Raise LocalError unless the PostgreSQL at `url` lets us in."""
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise LocalError("DATABASE_URL must begin with postgresql://.")
    try:
        psycopg.connect(url, connect_timeout=PATIENCE_SECONDS).close()
    except psycopg.Error as error:
        raise LocalError(_unreachable("DATABASE_URL", "PostgreSQL", url, error)) from None


def require_queue(url: str) -> None:
    """Raise LocalError unless the Redis or Valkey at `url` lets us in."""
    try:
        ping_queue(url, PATIENCE_SECONDS)
    except (redis.RedisError, ValueError) as error:
        raise LocalError(_unreachable("REDIS_URL", "Redis", url, error)) from None


def _unreachable(variable: str, service: str, url: str, error: Exception) -> str:
    reason = str(error).strip().splitlines()
    return (
        f"No {service} at {_address(url)} ({reason[0] if reason else 'no reason given'}): "
        f"start it or correct {variable}, or unset {variable} to use the embedded one."
    )


def _address(url: str) -> str:
    """The part of `url` that may be shown."""
    return urlsplit(url).netloc.rpartition("@")[2] or "the address"
