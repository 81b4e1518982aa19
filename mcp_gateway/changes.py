"""Telling agents that the list of tools changed: only those of the community whose list it is.

A change may come from any process, so it travels as a message in Valkey (`apps_engine.services.tool_changes`). A lost
message costs little: whoever lists again sees what there is.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from django.conf import settings
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.types import SubscriptionsListenRequestParams, SubscriptionsListenResult
from redis.asyncio import Redis
from redis.exceptions import RedisError

from apps_engine.services.tool_changes import channel
from mcp_gateway.authentication import current_principal

logger = logging.getLogger(__name__)
# As many as there can be; the oldest is forgotten first, and may be over.
MOST_SESSIONS = 1_000
MOST_STREAMS = 100
RECONNECT_SECONDS = 5


class Changes:
    """Who listens in this process: streams of the newer era by community, and sessions of the older."""

    def __init__(self) -> None:
        self._streams: dict[int, tuple[InMemorySubscriptionBus, ListenHandler]] = {}
        self._sessions: OrderedDict[str, tuple[int, ServerSession]] = OrderedDict()

    def remember(self, identifier: str, tenant_id: int, session: ServerSession) -> None:
        """A session is served here: if it has its stream open here too, it is told when its list is no longer true."""
        self._sessions[identifier] = (tenant_id, session)
        self._sessions.move_to_end(identifier)
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)

    def forget(self, identifier: str) -> None:
        """A session is over here."""
        self._sessions.pop(identifier, None)

    async def listen(
        self, context: ServerRequestContext, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """One stream of the caller's community."""
        tenant_id = current_principal().tenant_id
        if tenant_id not in self._streams:
            bus = InMemorySubscriptionBus()
            self._streams[tenant_id] = bus, ListenHandler(bus, max_subscriptions=MOST_STREAMS)
        return await self._streams[tenant_id][1](context, params)

    async def tell(self, tenant_id: int) -> None:
        """Tell everyone of a community who listens here."""
        if tenant_id in self._streams:
            await self._streams[tenant_id][0].publish(ToolsListChanged())
        for identifier, (owner, session) in list(self._sessions.items()):
            if owner == tenant_id:
                await self._tell_session(identifier, session)

    async def _tell_session(self, identifier: str, session: ServerSession) -> None:
        try:
            await session.send_tool_list_changed()
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._sessions.pop(identifier, None)

    @asynccontextmanager
    async def lifespan(self, _: Any) -> AsyncIterator[dict[str, Any]]:
        """While the server runs, pass on what other processes say."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch)
            try:
                yield {}
            finally:
                tasks.cancel_scope.cancel()

    async def _watch(self) -> None:
        while True:
            try:
                await self._follow()
            except RedisError as error:
                logger.warning("changes of tools are not heard, Valkey does not answer: %s", type(error).__name__)
            await anyio.sleep(RECONNECT_SECONDS)

    async def _follow(self) -> None:
        async with Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as messages:
            await messages.subscribe(channel())
            async for message in messages.listen():
                if message["type"] == "message" and message["data"].isdigit():
                    await self.tell(int(message["data"]))
