"""Which processes are there: each writes every few seconds that it lives, and readers see who fell silent.

It stands in Redis beside the queue, since it is worth nothing when it is old.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
# Who was silent for so long is not listed any more.
FORGOTTEN_SECONDS = 3_600.0
_told: dict[str, float] = {}


def _client() -> Redis:
    return _client_of(settings.REDIS_URL)


@cache
def _client_of(url: str) -> Redis:
    retry = Retry(NoBackoff(), retries=1)
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=retry)


def tell_presence(part: str) -> None:
    """Say that a process of this part lives, every few seconds at most; a queue that is away is not waited for."""
    now = time.monotonic()
    if now - _told.get(part, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    _told[part] = now
    try:
        _client().zadd(_key(part), {f"{socket.gethostname()}:{os.getpid()}": time.time()})
    except RedisError as error:
        logger.info("presence not told: %s", type(error).__name__)


def presence(part: str) -> dict[str, float]:
    """By process of the part how many seconds ago it said that it lives; raises RedisError."""
    client, now = _client(), time.time()
    client.zremrangebyscore(_key(part), "-inf", now - FORGOTTEN_SECONDS)
    return {name.decode(): max(0.0, now - at) for name, at in client.zrange(_key(part), 0, -1, withscores=True)}


def _key(part: str) -> str:
    return f"{settings.QUEUE_NAMESPACE}:presence:{part}"
