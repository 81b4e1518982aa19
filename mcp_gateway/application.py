"""The ASGI application of the MCP endpoint: streamable HTTP, both protocol eras, no sessions."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_gateway.authentication import KeyVerifier
from mcp_gateway.server import server

PATH = "/mcp"


def build_application() -> ASGIApp:
    """The application; one for each process, since its lifespan can be entered once."""
    endpoint = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        max_request_body_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        transport_security=transport_security(),
        auth=AuthSettings(issuer_url=AnyHttpUrl(settings.PUBLIC_URL), resource_server_url=None),
        token_verifier=KeyVerifier(),
    )

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await endpoint(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] != "POST":
            # Without sessions there is no stream to open by GET and none to end by DELETE.
            await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
            return
        # One thread, and so one database connection, for each request, as Django's own handler does.
        async with ThreadSensitiveContext():
            await endpoint(scope, receive, send)

    return application


def transport_security() -> TransportSecuritySettings:
    """The exact Host and Origin values that are let in, against DNS rebinding.

    The SDK's `host:*` would match by prefix. Patterns of ALLOWED_HOSTS (`*`, `.example.com`) have no exact value and
    let nobody in here: name the hosts.
    """
    hosts = list(dict.fromkeys(_hosts()))
    origins = [f"{scheme}://{host}" for scheme in ("https", "http") for host in hosts]
    return TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=list(dict.fromkeys([*settings.CSRF_TRUSTED_ORIGINS, *origins]))
    )


def _hosts() -> Iterator[str]:
    public = urlsplit(settings.PUBLIC_URL)
    yield public.netloc
    for host in settings.ALLOWED_HOSTS:
        if host.startswith((".", "*")):
            continue
        yield host
        if public.port is not None:
            yield f"{host}:{public.port}"
