"""No request fills the server's disk: a body is bounded before anybody looks at who sends it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from decommerce.body_limit import MOST_BYTES
from tests.web_server import WebServer, web_server

PIECE = b"a" * 65_536


@pytest.fixture(scope="module")
def server(service_environment, tmp_path_factory) -> Iterator[WebServer]:
    log: Path = tmp_path_factory.mktemp("web") / "web.log"
    with web_server(service_environment, log) as running:
        yield running


def connect(server: WebServer, path: str, *headers: str) -> socket.socket:
    url = urlsplit(server.url)
    connection = socket.create_connection((url.hostname, url.port), timeout=20)
    head = (f"POST {path} HTTP/1.1", f"Host: {url.netloc}", "Content-Type: application/json", *headers, "", "")
    connection.sendall("\r\n".join(head).encode())
    return connection


def answer_of(connection: socket.socket) -> tuple[int, dict]:
    response = HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize("path", ["/sign-in/", "/healthz", "/intake/shopify/unknown/", "/api/v1/apps"])
def test_a_body_that_is_announced_as_too_large_is_not_waited_for(server, path):
    with connect(server, path, f"Content-Length: {MOST_BYTES + 1}") as connection:
        status, problem = answer_of(connection)
    assert (status, problem["code"]) == (413, "body_too_large")


@pytest.mark.requirement("SEC-03")
def test_a_body_without_end_is_answered_at_the_bound(server):
    with connect(server, "/sign-in/", "Transfer-Encoding: chunked") as connection:
        for _ in range(MOST_BYTES // len(PIECE) + 1):
            connection.sendall(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
        status, problem = answer_of(connection)
    assert (status, problem["code"]) == (413, "body_too_large")


def test_an_address_still_refuses_what_is_too_large_for_it(server):
    body = b"x" * (2 * 1024 * 1024)
    with connect(server, "/intake/shopify/unknown/", f"Content-Length: {len(body)}") as connection:
        connection.sendall(body)
        status, problem = answer_of(connection)
    assert (status, problem["code"]) == (404, "shop_unknown")


def test_a_content_type_that_cannot_be_read_is_the_clients_fault(server):
    request = Request(f"{server.url}/healthz", b"{}", {"Content-Type": "application/json; charset*=bogus''x"})
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=20)
    assert (refused.value.code, json.load(refused.value)["code"]) == (400, "bad_head")
