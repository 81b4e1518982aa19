"""The server of the conformance suite: its fixtures on the transport, the keys and the dispatch of the platform.

The suite has no way to send a key, so one is put on its requests before they reach the endpoint.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from django.core.asgi import get_asgi_application
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import CallToolResult
from starlette.types import Receive, Scope, Send

pages: Any = get_asgi_application()

# Models can be imported only once Django is set up.
from mcp_gateway.application import PATH, build_application  # noqa: E402
from mcp_gateway.changes import Changes  # noqa: E402
from mcp_gateway.dispatch import build_server  # noqa: E402
from mcp_gateway.offers import Offer, ToolCall  # noqa: E402
from tests.conformance import contents, documents, questions, rounds  # noqa: E402

warnings.simplefilter("ignore", MCPDeprecationWarning)
KEY = b"Bearer " + os.environ["CONFORMANCE_KEY"].encode()
changes = Changes()


async def _change_tools(call: ToolCall) -> CallToolResult:
    await changes.tell(call.principal.tenant_id)
    return contents.said("The list of tools changed.")


async def _change_prompts(call: ToolCall) -> CallToolResult:
    await changes.tell(call.principal.tenant_id)
    return contents.said("The lists changed.")


OFFER = Offer(
    name="conformance",
    title="Fixtures of the conformance suite",
    instructions="For tests only.",
    tools=(
        *contents.TOOLS,
        *questions.TOOLS,
        *rounds.TOOLS,
        contents.tool("test_trigger_tool_change", _change_tools),
        contents.tool("test_trigger_prompt_change", _change_prompts),
    ),
    resources=documents.RESOURCES,
    templates=documents.TEMPLATES,
    prompts=documents.PROMPTS,
    read=documents.read,
    more={
        "on_subscribe_resource": documents.nothing,
        "on_unsubscribe_resource": documents.nothing,
        "on_set_logging_level": documents.nothing,
    },
)
endpoint = build_application(build_server(OFFER, changes))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The endpoint, for requests that all come with the same key; and the pages, which tell that the process lives."""
    if scope["type"] == "http" and scope["path"] != PATH:
        await pages(scope, receive, send)
        return
    if scope["type"] == "http":
        scope = {**scope, "headers": [*scope["headers"], (b"authorization", KEY)]}
    await endpoint(scope, receive, send)
