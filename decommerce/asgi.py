"""The one ASGI application: `/mcp` is the agents' endpoint, everything else is Django's."""

from __future__ import annotations

import os
from typing import Any

import django
from starlette.types import Receive, Scope, Send

from decommerce.body_limit import limit_bodies
from decommerce.request_reading import RequestReader

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decommerce.settings")

django.setup(set_prefix=False)
django_application: Any = RequestReader()

# Models can be imported only once Django is set up.
from mcp_gateway.application import PATH, build_application  # noqa: E402
from mcp_gateway.server import server  # noqa: E402

mcp_application = build_application(server)


async def route(scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request on by its path. Start and stop of the process belong to MCP; Django has no use for them."""
    if scope["type"] == "lifespan" or scope["path"] == PATH or scope["path"].startswith(f"{PATH}/"):
        await mcp_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)


application = limit_bodies(route)
