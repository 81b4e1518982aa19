"""The early filter against overlaps: one lock per app and concurrency key (RUN-01).

A lock has a token and expires, so a dead worker blocks nobody. It only spares the database useless claims: the partial
unique index decides, also when Redis is empty or down.
"""

from __future__ import annotations

import hashlib
import logging
from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import LockError
from redis.lock import Lock
from redis.retry import Retry

logger = logging.getLogger(__name__)


@cache
def client() -> Redis:
    """This process's connections to Redis; one that does not answer is not waited for."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), retries=1)
    )


class KeyLocks:
    """The locks that one turn of work holds. Used by its thread and by its heartbeat's."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, str], Lock] = {}
        self._away = False

    def acquire(self, app_id: int, key: str) -> bool:
        """Whether nobody else runs this key; without Redis the answer is yes, and the index decides."""
        if self._away or (app_id, key) in self._held:
            return True
        name = f"{settings.QUEUE_NAMESPACE}:lock:{app_id}:{hashlib.sha256(key.encode()).hexdigest()[:24]}"
        # The token belongs to the turn, not to a thread: the heartbeat lengthens what the runner acquired.
        lock = client().lock(name, timeout=settings.LEASE_SECONDS, blocking=False, thread_local=False)
        try:
            if not lock.acquire():
                return False
        except RedisError as error:
            # Not asked again in this turn: waiting for Redis at every run would be slower than the work.
            self._away = True
            logger.warning("no locks for now, the database decides: %s", type(error).__name__)
            return True
        self._held[app_id, key] = lock
        return True

    def extend(self) -> None:
        """Hold on for as long as a lease again."""
        for lock in list(self._held.values()):
            try:
                lock.reacquire()
            except (LockError, RedisError) as error:
                logger.warning("a lock was lost, the database decides: %s", type(error).__name__)

    def release(self) -> None:
        """Let go of every lock that is still ours."""
        held, self._held = self._held, {}
        for lock in held.values():
            try:
                lock.release()
            except (LockError, RedisError) as error:
                logger.info("a lock had expired: %s", type(error).__name__)
