"""Every hop passes the same door, and takes along only what the next receiver may know."""

from __future__ import annotations

import pytest

from decommerce.outgoing.door import send
from decommerce.outgoing.errors import OutgoingRedirectRefused
from decommerce.outgoing.request import OutgoingRequest
from tests.decommerce.outgoing.conftest import LOCAL
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("SEC-02")


def post(url: str, **options) -> OutgoingRequest:
    return OutgoingRequest(url=url, **{"timeout_seconds": 5, "body": b"data", **options})


def redirect(status: int, location: str):
    return reply(f"{status} Elsewhere", b"", Location=location, Set_Cookie="session=1")


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_method_is_followed_with_method_and_body(receiver, policy, url, status):
    receiver.answers["/old"] = redirect(status, "/new?x=1")
    receiver.answers["/new"] = reply("200 OK", b"done")

    answer = send(post(f"{url}/old", headers={"Authorization": "Bearer a"}), policy)

    assert (answer.status, answer.body) == (200, b"done")
    assert [hop.status for hop in answer.hops] == [status, 200]
    second = receiver.received[1]
    assert (second.method, second.target, second.body) == ("POST", "/new?x=1", b"data")
    assert second.headers["authorization"] == "Bearer a"
    assert "cookie" not in second.headers


def test_another_origin_gets_the_body_but_no_header_that_may_be_a_secret(receiver, policy, url):
    elsewhere = f"https://in.partner.example:{receiver.port}"
    receiver.answers["/old"] = redirect(307, f"{elsewhere}/new")
    receiver.answers["/new"] = reply("200 OK")
    secrets = {"Authorization": "a", "Webhook-Signature": "v1,x", "X-Api-Key": "k", "X-Anything": "z"}

    send(post(f"{url}/old", headers={**secrets, "Content-Type": "text/x", "Idempotency-Key": "7"}), policy)

    first, second = receiver.received
    assert {name.lower() for name in secrets} <= first.headers.keys()
    assert not {name.lower() for name in secrets} & second.headers.keys()
    assert (second.headers["content-type"], second.headers["idempotency-key"]) == ("text/x", "7")
    assert (second.server_name, second.headers["host"]) == ("in.partner.example", elsewhere.removeprefix("https://"))


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_body_is_refused(receiver, policy, url, status):
    receiver.answers["/old"] = redirect(status, "/new")
    with pytest.raises(OutgoingRedirectRefused) as refused:
        send(post(f"{url}/old"), policy)
    assert (refused.value.code, refused.value.sent) == ("outgoing_redirect_refused", True)
    assert [received.target for received in receiver.received] == ["/old"]
    assert refused.value.record.status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_reading_follows_every_redirect(receiver, policy, url, status):
    receiver.answers["/old"] = redirect(status, "/new")
    receiver.answers["/new"] = reply("200 OK")
    assert send(post(f"{url}/old", method="GET", body=b""), policy).status == 200
    assert receiver.received[1].method == "GET"


def test_a_redirect_to_an_inside_address_is_refused_at_its_own_check(receiver, make_policy, url):
    addresses = {"hooks.example.com": [LOCAL], "inside.partner.example": ["10.0.0.1"]}
    receiver.answers["/old"] = redirect(307, f"https://inside.partner.example:{receiver.port}/")
    with pytest.raises(OutgoingRedirectRefused) as refused:
        send(post(f"{url}/old"), make_policy(resolver=lambda host, port: addresses[host]))
    assert refused.value.__cause__.code == "outgoing_address_refused"
    assert (refused.value.sent, refused.value.retryable) == (True, False)
    assert receiver.accepted == 1


@pytest.mark.parametrize(
    ("location", "cause"),
    [
        ("https://evil.example:{port}/", "outgoing_domain_refused"),
        ("//evil.example:{port}/", "outgoing_domain_refused"),
        ("http://hooks.example.com:{port}/", "outgoing_url_refused"),
        ("https://hooks.example.com:22/", "outgoing_url_refused"),
        ("https://127.0.0.1:{port}/", "outgoing_url_refused"),
        ("https://2130706433:{port}/", "outgoing_url_refused"),
        ("https://[::1]:{port}/", "outgoing_url_refused"),
        ("https://hooks.example.com@127.0.0.1:{port}/", "outgoing_url_refused"),
        ("file:///etc/passwd", "outgoing_url_refused"),
        ("gopher://hooks.example.com:{port}/", "outgoing_url_refused"),
        ("https:\\\\hooks.example.com:{port}/", None),
        ("/new page", None),
        ("/n\tew", None),
        ("/n\xe9w", None),
        ("", None),
    ],
)
def test_a_redirect_to_where_the_first_call_could_not_go_is_refused(receiver, policy, url, location, cause):
    receiver.answers["/old"] = redirect(307, location.format(port=receiver.port))
    with pytest.raises(OutgoingRedirectRefused) as refused:
        send(post(f"{url}/old"), policy)
    assert (refused.value.__cause__.code if refused.value.__cause__ else None) == cause
    assert receiver.accepted == 1


def test_a_redirect_without_a_location_is_an_answer(receiver, policy, url):
    receiver.answers["/old"] = reply("307 Elsewhere", b"nowhere")
    assert send(post(f"{url}/old"), policy).body == b"nowhere"


def test_a_loop_ends_after_three_redirects(receiver, policy, url):
    receiver.answers["/loop"] = redirect(308, "/loop")
    with pytest.raises(OutgoingRedirectRefused) as refused:
        send(post(f"{url}/loop"), policy)
    assert len(receiver.received) == 4
    assert [hop.status for hop in refused.value.record.hops] == [308] * 4


def test_a_policy_may_allow_no_redirect(receiver, make_policy, url):
    receiver.answers["/old"] = redirect(307, "/new")
    with pytest.raises(OutgoingRedirectRefused):
        send(post(f"{url}/old"), make_policy(max_redirects=0))
    assert len(receiver.received) == 1
