"""Saying that the tools of a community changed, to whoever keeps a list of them. A lost word costs nobody anything."""

from __future__ import annotations

import logging
from functools import cache, partial

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps_engine.store.models import App

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 0.5


def channel() -> str:
    """Where it is said; a message is the number of the community."""
    return f"{settings.QUEUE_NAMESPACE}:tools"


def tools_changed(app: App) -> None:
    """After the commit, say that a community's list of tools is another one."""
    transaction.on_commit(partial(_say, app.tenant_id))


def tell_of_tool(app: App) -> None:
    """Agents that keep a list of tools have another one now, if the app is one of them."""
    if app.offered_as_tool:
        tools_changed(app)


def _say(tenant_id: int) -> None:
    try:
        _client().publish(channel(), tenant_id)
    except RedisError as error:
        logger.warning("a change of tools is not told, Valkey does not answer: %s", type(error).__name__)


@cache
def _client() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
