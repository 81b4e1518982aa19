"""How many calls of a model may be under way at once: in the whole system, and of one tenant.

Each call holds a place in two sets of Redis, by a token that expires, so that a dead worker's place is free again. A
step that finds none waits a little, then fails as busy and is tried again. Without Redis nobody counts: what the
provider allows decides then.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from decommerce.intelligence.errors import ModelBusy

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.1

# KEYS: the sets, all with room or none is entered. ARGV: now, until when, the token, then the room of each set.
_ENTER = """
for place, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[1])
  if redis.call('ZCARD', key) >= tonumber(ARGV[3 + place]) then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, ARGV[2], ARGV[3])
  redis.call('EXPIREAT', key, math.ceil(tonumber(ARGV[2])) + 60)
end
return 1
"""


@contextmanager
def place_for(tenant_id: int, seconds: float, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """A place for one call that takes no longer than `seconds`; raises ModelBusy where none becomes free in time."""
    keys = [f"{settings.QUEUE_NAMESPACE}:model:{name}" for name in ("all", f"tenant:{tenant_id}")]
    token = secrets.token_hex(8)
    held = _enter(keys, token, seconds, patience)
    try:
        yield
    finally:
        if held:
            _leave(keys, token)


def _enter(keys: list[str], token: str, seconds: float, patience: float) -> bool:
    """Whether the token holds a place; no where nobody counts."""
    rooms = (settings.MODEL_CALLS_AT_ONCE, settings.MODEL_CALLS_AT_ONCE_PER_TENANT)
    gives_up = time.monotonic() + patience
    while True:
        try:
            # The clock of this machine is good enough: a place that is freed a second late or early harms nobody.
            now = time.time()
            if _client(settings.REDIS_URL).eval(_ENTER, len(keys), *keys, now, now + seconds, token, *rooms):
                return True
        except RedisError as error:
            logger.warning("calls of the model are not counted for now: %s", type(error).__name__)
            return False
        if time.monotonic() >= gives_up:
            raise ModelBusy(
                "Too many steps are waiting for the AI model.", hint="It is tried again later; spread the runs out."
            )
        time.sleep(_LOOK_SECONDS)


def _leave(keys: list[str], token: str) -> None:
    try:
        with _client(settings.REDIS_URL).pipeline() as pipeline:
            for key in keys:
                pipeline.zrem(key, token)
            pipeline.execute()
    except RedisError as error:
        logger.info("a place at the model frees itself later: %s", type(error).__name__)


@cache
def _client(url: str) -> Redis:
    """This process's connections to Redis; one that does not answer is not waited for."""
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), retries=1))
