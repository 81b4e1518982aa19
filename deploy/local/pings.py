"""Asking a server once whether it is there."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def ping_queue(url: str, seconds: float) -> None:
    """Raise redis.RedisError (or ValueError for a bad `url`) unless the server at `url` lets us in. Asks once."""
    once = Retry(NoBackoff(), 0)  # the client's own default goes on for several seconds
    with redis.Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=once) as client:
        client.ping()
