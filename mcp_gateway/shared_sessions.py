"""Sessions of the older era that any web process serves: the first request that comes to another one takes it up there.

What a process keeps of a session is a loop over its messages; whose it is and what was agreed on stand in Valkey
(`session_records`). A client's answer to a question may come to a process that did not ask: it is passed on to all, and
only the one that asked knows the number of the question.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
from anyio.abc import TaskStatus
from django.conf import settings
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, authorization_context
from mcp.server.connection import Connection
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.runner import serve_connection
from mcp.server.session import ServerSession
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, StreamableHTTPServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import SessionMessage
from mcp.types import InitializeRequestParams, jsonrpc_message_adapter
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from mcp_gateway.dispatch import DispatchingServer
from mcp_gateway.session_records import SessionRecord, SessionRecords, answers_channel

logger = logging.getLogger(__name__)
RECONNECT_SECONDS = 5
LONGEST_IDENTIFIER = 128


class SharedSessions(StreamableHTTPSessionManager):
    """The SDK's manager, with sessions that other processes opened."""

    def __init__(self, app: DispatchingServer, **options: Any) -> None:
        super().__init__(app, **options)
        self._changes = app.changes
        app.middleware.append(self._write_down)

    async def _write_down(self, context: ServerRequestContext, call_next: CallNext) -> HandlerResult:
        """A middleware of the server: what was agreed on when a session began."""
        result = await call_next(context)
        token = get_access_token()
        # What a session is called, the SDK tells its handlers only so.
        identifier = context.session._connection.session_id
        if context.method == "initialize" and identifier is not None and token is not None:
            owner = dict(authorization_context(AuthenticatedUser(token)))
            self._changes.remember(identifier, int(owner["subject"]), context.session)
            try:
                version = result["protocolVersion"]
                await self.records.keep(identifier, SessionRecord(owner, version, dict(context.params or {})))
            except RedisError as error:
                logger.warning("a session is not written down, Valkey does not answer: %s", type(error).__name__)
        return result

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """While the server runs, take up sessions and pass answers on."""
        self._taking_up = anyio.Lock()
        async with Redis.from_url(settings.REDIS_URL) as client, super().run():
            self._client = client
            self.records = SessionRecords(client)
            assert self._task_group is not None
            self._task_group.start_soon(self._hear_answers)
            yield

    async def _handle_stateful_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        identifier = request.headers.get(MCP_SESSION_ID_HEADER, "")
        if not 0 < len(identifier) <= LONGEST_IDENTIFIER:
            await super()._handle_stateful_request(scope, receive, send)
            return
        try:
            owned = await self._settle(identifier, authorization_context(request.user))
            if owned and request.method == "POST":
                receive = await self._passing_on(identifier, receive)
            if owned and request.method == "DELETE":
                await self.records.end(identifier)
        except RedisError as error:
            # What this process knows it serves; the rest is not found, and the client begins anew.
            logger.warning("sessions are not shared, Valkey does not answer: %s", type(error).__name__)
        await super()._handle_stateful_request(scope, receive, send)

    async def _settle(self, identifier: str, asking: dict[str, Any]) -> bool:
        """Have the session here as it is by now: taken up, or gone. Whether it is that of who asks."""
        record = await self.records.find(identifier)
        if record is None:
            known = self._server_instances.get(identifier)
            if known is not None:
                await self._discard_session(identifier, known)
            return False
        if record.owner != asking:
            return False
        async with self._taking_up:
            if identifier not in self._server_instances:
                await self._take_up(identifier, record)
        return True

    async def _take_up(self, identifier: str, record: SessionRecord) -> None:
        transport = StreamableHTTPServerTransport(
            mcp_session_id=identifier,
            is_json_response_enabled=self.json_response,
            security_settings=self.security_settings,
            idle_timeout=self.session_idle_timeout,
        )
        assert self._task_group is not None
        await self._task_group.start(self._serve, identifier, transport, record)
        self._session_owners[identifier] = record.owner  # type: ignore[assignment]
        self._server_instances[identifier] = transport

    async def _discard_session(self, session_id: str, transport: StreamableHTTPServerTransport) -> None:
        self._changes.forget(session_id)
        await super()._discard_session(session_id, transport)

    async def _serve(
        self,
        identifier: str,
        transport: StreamableHTTPServerTransport,
        record: SessionRecord,
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """The loop over the messages of a session whose greeting another process has answered."""
        try:
            async with transport.connect() as (reading, writing):
                dispatcher: JSONRPCDispatcher[Any] = JSONRPCDispatcher(reading, writing)
                connection = Connection.for_loop(dispatcher, session_id=identifier)
                connection.client_params = InitializeRequestParams.model_validate(record.greeting, by_name=False)
                connection.protocol_version = record.version
                connection.initialized.set()
                channel: Any = dispatcher
                self._changes.remember(identifier, int(record.owner["subject"]), ServerSession(channel, connection))
                task_status.started()
                with transport.idle_scope or anyio.CancelScope():
                    await serve_connection(
                        self.app, dispatcher, connection=connection, lifespan_state=self._lifespan_state
                    )
        finally:
            await self._discard_session(identifier, transport)

    async def _passing_on(self, identifier: str, receive: Receive) -> Receive:
        """The body once more for the SDK; if it is an answer, everybody hears it."""
        body = await _body(receive)
        with suppress(ValueError, RecursionError):
            message = json.loads(body)
            if isinstance(message, dict) and "method" not in message and ("result" in message or "error" in message):
                await self._client.publish(answers_channel(), json.dumps({"session": identifier, "message": message}))
        return _replaying(body, receive)

    async def _hear_answers(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as messages:
                    await messages.subscribe(answers_channel())
                    async for message in messages.listen():
                        if message["type"] == "message":
                            await self._deliver(json.loads(message["data"]))
            except RedisError as error:
                logger.warning("answers of agents are not heard, Valkey does not answer: %s", type(error).__name__)
            await anyio.sleep(RECONNECT_SECONDS)

    async def _deliver(self, heard: dict[str, Any]) -> None:
        transport = self._server_instances.get(heard["session"])
        writer = None if transport is None else transport._read_stream_writer
        if writer is not None:
            # A session that ends at this moment wants no answer any more; what is no message is told by the SDK.
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, ValueError):
                message = jsonrpc_message_adapter.validate_python(heard["message"], by_name=False)
                await writer.send(SessionMessage(message))


async def _body(receive: Receive) -> bytes:
    """Everything that is sent; its size is bounded by the SDK's middleware before this."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    return body


def _replaying(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
