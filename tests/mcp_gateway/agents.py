"""Agents: the official MCP client against a real web process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult


@asynccontextmanager
async def connected(url: str, secret: str, mode: str = "auto", **callbacks: Any) -> AsyncIterator[Client]:
    """A client that has greeted the server; `callbacks` are those of the SDK's client."""
    headers = {"Authorization": f"Bearer {secret}"}
    async with (
        # Nothing here is https, and to read the machine's certificates takes longer than a call.
        httpx2.AsyncClient(headers=headers, timeout=30, verify=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode, **callbacks) as client,
    ):
        yield client


class Agent:
    """A client in synchronous clothes: each call is a connection of its own."""

    def __init__(self, url: str, secret: str, mode: str = "auto", **callbacks: Any) -> None:
        self.url = url
        self.secret = secret
        self.mode = mode
        self.callbacks = callbacks

    def ask(self, question: Callable[[Client], Awaitable[Any]]) -> Any:
        """What `question` returns for a connected client; raises MCPError."""

        async def answer() -> Any:
            async with connected(self.url, self.secret, self.mode, **self.callbacks) as client:
                try:
                    return await question(client)
                except MCPError as error:
                    # Raised inside, it would leave in a group of exceptions.
                    return error

        answered = asyncio.run(answer())
        if isinstance(answered, MCPError):
            raise answered
        return answered

    def call(self, tool: str, **arguments: Any) -> CallToolResult:
        """The answer of a tool."""
        return self.ask(lambda client: client.call_tool(tool, arguments))

    def result(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of an answer that must be no error."""
        answer = self.call(tool, **arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    def refusal(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of an answer that must be an error."""
        answer = self.call(tool, **arguments)
        assert answer.is_error, answer.content
        return answer.structured_content
