"""The ASGI application of an MCP endpoint: streamable HTTP, both protocol eras. Any web process serves any request."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from mcp_gateway.authentication import KeyVerifier
from mcp_gateway.changes import MOST_SESSIONS
from mcp_gateway.dispatch import DispatchingServer
from mcp_gateway.shared_sessions import SharedSessions

PATH = "/mcp"
SESSION_IDLE_SECONDS = 900.0


def build_application(server: DispatchingServer) -> ASGIApp:
    """The application of a server; one for each process, since its lifespan can be entered once.

    Short answers are JSON; what reports its progress, or asks something back, is a stream.
    """
    sessions = SharedSessions(
        server,
        max_request_body_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        session_idle_timeout=SESSION_IDLE_SECONDS,
        max_sessions=MOST_SESSIONS,
        security_settings=transport_security(),
    )
    endpoint = RequireAuthMiddleware(StreamableHTTPASGIApp(sessions), [], None)
    return Starlette(
        routes=[Route(PATH, endpoint=endpoint)],
        middleware=[
            Middleware(AuthenticationMiddleware, backend=BearerAuthBackend(KeyVerifier())),
            Middleware(AuthContextMiddleware),
        ],
        lifespan=lambda _: sessions.run(),
    )


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
