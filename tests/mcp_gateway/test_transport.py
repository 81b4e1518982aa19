"""Who is let in at the endpoint, before any tool is asked (MCP-01, SEC-04)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from django.utils import timezone

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key, revoke_key
from decommerce.tenancy.models import ApiKey
from tests.mcp_gateway.conftest import key_of

pytestmark = pytest.mark.requirement("MCP-01")

HEADERS = {"modern": {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}, "legacy": {}}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


GREETING = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "the test", "version": "1"},
}
# The first request of either era.
MESSAGES = {
    "modern": {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}},
    "legacy": {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": GREETING},
}


@pytest.fixture(params=["modern", "legacy"])
def post(server, request):
    """POST the first request of an era with these headers."""

    def send(secret: str | None, body: bytes | None = None, **headers: str) -> requests.Response:
        given = {"Accept": "application/json, text/event-stream", **HEADERS[request.param], **headers}
        if secret is not None:
            given["Authorization"] = f"Bearer {secret}"
        arguments = {"json": MESSAGES[request.param]} if body is None else {"data": body}
        given["Content-Type"] = "application/json"
        return requests.post(server.mcp_url, headers=given, timeout=10, **arguments)

    return send


def test_a_good_key_is_let_in(post, api_key):
    response = post(api_key)
    assert response.status_code == 200, response.text
    assert '"serverInfo"' in response.text or response.json()["result"]["tools"]


@pytest.mark.parametrize("secret", [None, "", "dk_nobody", "nonsense", "dk_" + "x" * 5000])
def test_no_key_or_an_unknown_one_is_refused(post, secret):
    response = post(secret)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.requirement("SEC-04")
def test_an_expired_and_a_revoked_key_are_refused(post, tenant, principal):
    with tenant_scope(tenant.pk):
        old, expired = create_key(principal, "Old", ["apps:read"], expires_at=timezone.now() + timedelta(minutes=1))
        ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
        key, revoked = create_key(principal, "Leaked", ["apps:read"])
        revoke_key(principal, key.pk)
    assert (post(expired).status_code, post(revoked).status_code) == (401, 401)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:{port}", "localhost:{port}.evil.example", "127.0.0.1:1{port}"]
)
def test_another_host_is_refused(post, server, api_key, host):
    port = urlsplit(server.url).port
    assert post(api_key, Host=host.format(port=port)).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:{port}.evil.example", "null"])
def test_a_page_of_another_origin_is_refused(post, server, api_key, origin):
    port = urlsplit(server.url).port
    assert post(api_key, Origin=origin.format(port=port)).status_code == 403


def test_a_page_of_our_own_origin_is_let_in(post, server, api_key):
    assert post(api_key, Origin=server.url).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"nonsense", b"\xff", b"[" * 200_000, b'{"id": ' + b"9" * 9999 + b"}"])
def test_a_body_that_is_no_message_is_a_bad_request(post, api_key, body):
    assert post(api_key, body).status_code == 400


def test_a_body_of_ten_megabytes_is_refused(post, api_key):
    assert post(api_key, b" " * (10 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize(("method", "status"), [("GET", 400), ("DELETE", 400), ("PUT", 405)])
def test_without_a_session_there_is_nothing_but_posting(server, api_key, method, status):
    headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json, text/event-stream"}
    assert requests.request(method, server.mcp_url, headers=headers, timeout=10).status_code == status


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("post", ["legacy"], indirect=True)
def test_a_session_is_that_of_its_key_and_ends_when_it_is_told_to(post, server, api_key, other_tenant):
    session = {"Mcp-Session-Id": post(api_key).headers["Mcp-Session-Id"]}
    assert post(key_of(other_tenant), **session).status_code == 404
    headers = {"Authorization": f"Bearer {api_key}", **session}
    assert requests.delete(server.mcp_url, headers=headers, timeout=10).status_code == 200
    assert post(api_key, **session).status_code == 404


def test_only_the_endpoint_itself_is_mcp(server, api_key):
    headers = {"Authorization": f"Bearer {api_key}"}
    assert requests.post(f"{server.url}/mcp/nothing", headers=headers, timeout=10).status_code == 404
    assert requests.get(f"{server.url}/mcpx", headers=headers, timeout=10).status_code == 404
