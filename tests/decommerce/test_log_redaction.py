"""What is secret in an address stands in no log."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import URLResolver, get_resolver

from decommerce.log_redaction import hidden
from tests.waiting import until
from tests.web_server import web_server


@pytest.mark.requirement("SEC-07")
def test_a_shops_secret_address_a_readers_link_and_an_invitation_stand_in_no_line_of_the_log(
    service_environment, tmp_path
):
    token, reader = secrets.token_urlsafe(32), f"{secrets.token_urlsafe(8)}:{secrets.token_urlsafe(32)}"
    invitation, log = secrets.token_urlsafe(32), tmp_path / "web.log"
    with web_server(service_environment, log, access_log=True) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        connection.request("POST", f"/intake/shopify/{token}/?a=b", b"{}")
        assert connection.getresponse().status == 404
        until(lambda: log.read_text().count("/intake/shopify/…/") >= 2, "Django's line and uvicorn's")
        connection.close()
        connection.request("GET", f"/unsubscribe/{reader}/")
        assert connection.getresponse().status == 404
        until(lambda: log.read_text().count("/unsubscribe/…/") >= 2, "Django's line and uvicorn's")
        connection.close()
        connection.request("GET", f"/invitation/{invitation}/")
        assert connection.getresponse().status == 404
        until(lambda: log.read_text().count("/invitation/…/") >= 2, "Django's line and uvicorn's")
    assert token not in log.read_text()
    assert invitation not in log.read_text()
    assert reader not in log.read_text()


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every address of the project as it is written in its urls."""
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        yield from patterns(one, address) if isinstance(one, URLResolver) else [address]


@pytest.mark.requirement("SEC-07")
def test_no_address_with_a_token_in_it_is_logged_as_it_is():
    secret = [address for address in patterns(get_resolver()) if "token>" in address]
    assert len(secret) >= 4
    for address in secret:
        shown = hidden("/" + re.sub(r"<[^>]*token>", "whoever-has-it", address))
        assert "whoever-has-it" not in shown, address
