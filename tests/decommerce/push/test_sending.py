"""One message to one browser, through a real push service over TLS."""

from __future__ import annotations

import pytest

from decommerce.push.errors import PushNotSetUp
from decommerce.push.sending import PushAnswer, PushStatus, push
from decommerce.push.subscriptions import devices_of
from decommerce.push.vapid import public_key
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("ACT-01")

TOPIC = "a" * 32


def test_the_browser_gets_the_payload_and_the_service_learns_nothing(scope, member, push_service):
    browser = push_service.sign_up(member.pk)
    [device] = devices_of(member.pk)
    assert push(device, b'{"title": "Hello"}', TOPIC) == PushAnswer(PushStatus.ACCEPTED)
    [request] = push_service.received
    assert b"Hello" not in request.body
    assert browser.read(request.body) == b'{"title": "Hello"}'
    headers = request.headers
    assert (request.method, headers["content-encoding"], headers["ttl"], headers["topic"]) == (
        "POST",
        "aes128gcm",
        "86400",
        TOPIC,
    )
    assert headers["authorization"].startswith("vapid t=")
    assert headers["authorization"].endswith(f", k={public_key()}")


@pytest.mark.parametrize(
    ("status", "headers", "answer"),
    [
        ("404 Not Found", {}, PushAnswer(PushStatus.GONE, "404 so")),
        ("410 Gone", {}, PushAnswer(PushStatus.GONE, "410 so")),
        ("429 Too Many Requests", {"Retry_After": "120"}, PushAnswer(PushStatus.LATER, "429 so", 120)),
        ("429 Too Many Requests", {"Retry_After": "soon"}, PushAnswer(PushStatus.LATER, "429 so")),
        ("500 Error", {}, PushAnswer(PushStatus.LATER, "500 so")),
        ("503 Unavailable", {"Retry_After": "7"}, PushAnswer(PushStatus.LATER, "503 so", 7)),
        ("400 Bad Request", {}, PushAnswer(PushStatus.REFUSED, "400 so")),
        ("403 Forbidden", {}, PushAnswer(PushStatus.REFUSED, "403 so")),
        ("413 Too Large", {}, PushAnswer(PushStatus.REFUSED, "413 so")),
    ],
)
def test_what_the_service_answers_decides(scope, member, push_service, status, headers, answer):
    push_service.sign_up(member.pk, reply(status, b"so", **headers))
    [device] = devices_of(member.pk)
    assert push(device, b"{}", TOPIC) == answer


@pytest.mark.requirement("SEC-02")
def test_a_redirect_is_not_followed(scope, member, push_service):
    push_service.sign_up(member.pk, reply("307 Elsewhere", Location="https://fcm.googleapis.com/elsewhere"))
    [device] = devices_of(member.pk)
    assert push(device, b"{}", TOPIC).status == PushStatus.REFUSED
    assert len(push_service.received) == 1


@pytest.mark.requirement("SEC-02")
def test_a_service_that_the_operator_took_off_the_list_is_not_called(scope, member, push_service, settings):
    push_service.sign_up(member.pk)
    settings.PUSH_SERVICES = ["updates.push.services.mozilla.com"]
    [device] = devices_of(member.pk)
    assert push(device, b"{}", TOPIC).status == PushStatus.REFUSED
    assert push_service.received == []


def test_a_service_that_hangs_up_may_be_tried_again(scope, member, push_service):
    push_service.sign_up(member.pk, lambda connection, received: None)
    [device] = devices_of(member.pk)
    assert push(device, b"{}", TOPIC).status == PushStatus.LATER


def test_an_answer_that_is_too_long_is_an_answer_all_the_same(scope, member, push_service):
    push_service.sign_up(member.pk, reply("201 Created", b"x" * 100_000))
    [device] = devices_of(member.pk)
    assert push(device, b"{}", TOPIC).status == PushStatus.ACCEPTED


def test_without_a_key_nothing_is_sent(scope, member, push_service, settings):
    push_service.sign_up(member.pk)
    settings.VAPID_PRIVATE_KEY = ""
    [device] = devices_of(member.pk)
    with pytest.raises(PushNotSetUp):
        push(device, b"{}", TOPIC)
    assert push_service.received == []
