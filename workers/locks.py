"""The early filter against overlaps: one lock per app and concurrency key (RUN-01).

A lock has a token and expires, so a dead worker blocks nobody. It only spares the database useless claims: the partial
unique index decides, also when Redis is empty or down. However many keys there are, each call is one round trip.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Collection
from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)
Key = tuple[int, str]
# Both return how many were still ours.
_RELEASE = """
local ours = 0
for _, name in ipairs(KEYS) do
    if redis.call('get', name) == ARGV[1] then ours = ours + redis.call('del', name) end
end
return ours
"""
_EXTEND = """
local ours = 0
for _, name in ipairs(KEYS) do
    if redis.call('get', name) == ARGV[1] then ours = ours + redis.call('pexpire', name, ARGV[2]) end
end
return ours
"""


@cache
def client() -> Redis:
    """This process's connections to Redis; one that does not answer is not waited for."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), retries=1)
    )


class KeyLocks:
    """The locks that one turn of work holds. Used by its thread and by its heartbeat's."""

    def __init__(self) -> None:
        self._held: dict[Key, str] = {}
        self._token = secrets.token_hex(16)
        self._away = False

    def acquire(self, keys: Collection[Key]) -> set[Key]:
        """Those keys, (app id, concurrency key), that nobody else runs; without Redis all, and the index decides."""
        wanted = {key: _name(key) for key in keys if key not in self._held}
        if self._away or not wanted:
            return set(keys)
        pipeline = client().pipeline(transaction=False)
        for name in wanted.values():
            pipeline.set(name, self._token, nx=True, px=_milliseconds())
        try:
            answers = pipeline.execute()
        except RedisError as error:
            # Not asked again in this turn: waiting for Redis at every run would be slower than the work.
            self._away = True
            logger.warning("no locks for now, the database decides: %s", type(error).__name__)
            return set(keys)
        taken = {key for key, is_ours in zip(wanted, answers, strict=True) if not is_ours}
        self._held.update((key, name) for key, name in wanted.items() if key not in taken)
        return set(keys) - taken

    def extend(self) -> None:
        """Hold on for as long as a lease again."""
        held = list(self._held.values())
        if held and self._ask(_EXTEND, held, _milliseconds()) != len(held):
            logger.warning("a lock was lost, the database decides")

    def release(self) -> None:
        """Let go of every lock that is still ours."""
        held, self._held = list(self._held.values()), {}
        if held and self._ask(_RELEASE, held) != len(held):
            logger.info("a lock had expired")

    def _ask(self, script: str, names: list[str], *values: object) -> int:
        try:
            return int(client().eval(script, len(names), *names, self._token, *values))
        except RedisError as error:
            logger.info("locks are left to expire: %s", type(error).__name__)
            return 0


def _name(key: Key) -> str:
    app_id, text = key
    return f"{settings.QUEUE_NAMESPACE}:lock:{app_id}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _milliseconds() -> int:
    return int(settings.LEASE_SECONDS * 1000)
