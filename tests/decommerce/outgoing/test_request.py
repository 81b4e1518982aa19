"""What may be asked of the door at all."""

from __future__ import annotations

import pytest

from decommerce.outgoing.errors import OutgoingRequestInvalid
from decommerce.outgoing.request import OutgoingRequest

pytestmark = pytest.mark.requirement("ACT-02")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "CONNECT"}, "CONNECT"),
        ({"method": "get"}, "get"),
        ({"method": "GET /\r\n"}, "GET"),
        ({"headers": {"Host": "evil.example"}}, "Host"),
        ({"headers": {"content-length": "1"}}, "content-length"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "Transfer-Encoding"),
        ({"headers": {"Cookie": "a=b"}}, "Cookie"),
        ({"headers": {"X-A": "b\r\nHost: evil.example"}}, "X-A"),
        ({"headers": {"X-A": "b\x00"}}, "X-A"),
        ({"headers": {"X-A": " b"}}, "X-A"),
        ({"headers": {"X-A": "ü"}}, "X-A"),
        ({"headers": {"X A": "b"}}, "X A"),
        ({"headers": {"X-A:": "b"}}, "X-A:"),
        ({"headers": {"": "b"}}, "''"),
        ({"headers": {"X-A": "b" * 20_000}}, "16,384"),
        ({"timeout_seconds": 0}, "seconds"),
        ({"timeout_seconds": float("nan")}, "seconds"),
        ({"timeout_seconds": 301}, "seconds"),
        ({"max_bytes": -1}, "bytes"),
        ({"max_bytes": 20_000_001}, "bytes"),
    ],
)
def test_a_request_that_the_door_does_not_send_is_refused_when_it_is_made(options, said):
    with pytest.raises(OutgoingRequestInvalid) as refused:
        OutgoingRequest(url="https://hooks.example.com/", **options)
    assert said in refused.value.message
    assert refused.value.code == "outgoing_request_invalid"
