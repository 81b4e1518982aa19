"""The ASGI application of an MCP endpoint: streamable HTTP, both protocol eras.

Only the older era has sessions. They live in the process that opened them, so with several web processes whatever is in
front sends requests of one `Mcp-Session-Id` to one process; the newer era needs no such care.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from mcp.server import Server
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.types import ASGIApp

from mcp_gateway.authentication import KeyVerifier
from mcp_gateway.changes import MOST_SESSIONS

PATH = "/mcp"
SESSION_IDLE_SECONDS = 900.0


def build_application(server: Server) -> ASGIApp:
    """The application of a server; one for each process, since its lifespan can be entered once.

    Short answers are JSON; what reports its progress, or asks something back, is a stream.
    """
    return server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        session_idle_timeout=SESSION_IDLE_SECONDS,
        max_sessions=MOST_SESSIONS,
        transport_security=transport_security(),
        auth=AuthSettings(issuer_url=AnyHttpUrl(settings.PUBLIC_URL), resource_server_url=None),
        token_verifier=KeyVerifier(),
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
