"""What is secret in an address stands in no log."""

from __future__ import annotations

import http.client
import secrets
from urllib.parse import urlsplit

import pytest

from tests.waiting import until
from tests.web_server import web_server


@pytest.mark.requirement("SEC-07")
def test_a_shops_secret_address_and_a_readers_link_stand_in_no_line_of_the_log(service_environment, tmp_path):
    token, reader = secrets.token_urlsafe(32), f"{secrets.token_urlsafe(8)}:{secrets.token_urlsafe(32)}"
    log = tmp_path / "web.log"
    with web_server(service_environment, log, access_log=True) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        connection.request("POST", f"/intake/shopify/{token}/?a=b", b"{}")
        assert connection.getresponse().status == 404
        until(lambda: log.read_text().count("/intake/shopify/…/") >= 2, "Django's line and uvicorn's")
        connection.close()
        connection.request("GET", f"/unsubscribe/{reader}/")
        assert connection.getresponse().status == 404
        until(lambda: log.read_text().count("/unsubscribe/…/") >= 2, "Django's line and uvicorn's")
    assert token not in log.read_text()
    assert reader not in log.read_text()
