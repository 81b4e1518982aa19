"""Calls of the platform itself: fixed hosts, one time for all of them, each in the log."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from decommerce.outgoing.errors import (
    OutgoingConnectionFailed,
    OutgoingDomainRefused,
    OutgoingRedirectRefused,
    OutgoingTimeout,
)
from decommerce.outgoing.json_api import Answer, JsonApi
from decommerce.outgoing.models import OutgoingCall
from decommerce.outgoing.request import OutgoingRequest
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.outgoing.conftest import LOCAL
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("SEC-02")


@pytest.fixture
def at(authority, receiver, settings) -> str:
    """Where the service is; the operator's settings let it through."""
    settings.OUTGOING_PORTS = [receiver.port]
    settings.OUTGOING_HOSTS = [f"hooks.example.com={LOCAL}", f"a.partner.example={LOCAL}"]
    settings.OUTGOING_CA_BUNDLE = str(authority.bundle)
    return f"https://hooks.example.com:{receiver.port}"


@pytest.fixture
def api(tenant, at) -> JsonApi:
    return JsonApi(tenant.pk, (at,), 5, app_id=7, execution_id=8)


def get(url: str) -> OutgoingRequest:
    return OutgoingRequest(url=url, method="GET")


def test_an_answer_is_read_and_the_call_logged(api, at, receiver, tenant):
    receiver.answers["/v1"] = reply("200 OK", b'{"error": {"code": "none"}}')
    answer = api.call(get(f"{at}/v1?secret=1"))
    assert (answer.status, answer.text("error", "code"), answer.text("error", "code", "more")) == (200, "none", "")
    with tenant_scope(tenant.pk):
        [call] = OutgoingCall.objects.all()
    assert (call.path, call.status, call.app_id, call.execution_id) == ("/v1", 200, 7, 8)


def test_a_call_without_an_answer_is_logged_too(api, at, receiver, tenant):
    receiver.answers["/v1"] = lambda connection, received: None
    with pytest.raises(OutgoingConnectionFailed):
        api.call(get(f"{at}/v1"))
    with tenant_scope(tenant.pk):
        assert OutgoingCall.objects.get().code == "outgoing_connection_failed"


def test_no_other_host_is_called_even_one_that_the_tenant_allows(api, receiver):
    with pytest.raises(OutgoingDomainRefused):
        api.call(get(f"https://a.partner.example:{receiver.port}/"))
    assert receiver.accepted == 0


def test_no_redirect_is_followed(api, at, receiver):
    receiver.answers["/v1"] = reply("302 Found", b"", Location=f"{at}/v2")
    with pytest.raises(OutgoingRedirectRefused):
        api.call(get(f"{at}/v1"))
    assert len(receiver.received) == 1


def test_all_calls_share_one_time(tenant, at, receiver):
    receiver.answers["/slow"] = lambda connection, received: receiver.stopping.wait(5)
    api = JsonApi(tenant.pk, (at,), 0.3)
    for _ in range(2):
        with pytest.raises(OutgoingTimeout) as late:
            api.call(get(f"{at}/slow"))
        assert late.value.retryable
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("17", 17), (" 3 ", 3), ("9999999999", 86_400), ("soon", None), ("", None), ("-5", None), ("Mon, 99", None)],
)
def test_when_to_come_again_is_read_from_the_header(header, seconds):
    assert Answer(429, {"retry-after": header}, b"").retry_after == seconds


def test_when_to_come_again_may_be_a_date():
    date = format_datetime(timezone.now() + timedelta(seconds=60), usegmt=True)
    assert 57 <= (Answer(429, {"retry-after": date}, b"").retry_after or 0) <= 60
    assert Answer(429, {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, b"").retry_after == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"\xff", b'"text"', b'{"a":' * 100_000])
def test_what_is_no_object_is_an_empty_one(body):
    assert Answer(200, {}, body).json == {}
