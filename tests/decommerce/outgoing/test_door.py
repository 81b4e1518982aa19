"""What the door sends, to where, and what it hands back: against a real TLS server."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import pytest

from decommerce.outgoing.door import send
from decommerce.outgoing.errors import (
    OutgoingAddressRefused,
    OutgoingConnectionFailed,
    OutgoingDnsFailed,
    OutgoingDomainRefused,
    OutgoingError,
    OutgoingTlsFailed,
    OutgoingUrlRefused,
)
from decommerce.outgoing.request import OutgoingRequest
from tests.decommerce.outgoing.conftest import LOCAL, refuse_all_but
from tests.decommerce.outgoing.receiver import Receiver, reply

pytestmark = pytest.mark.requirement("ACT-02")


def post(url: str, **options) -> OutgoingRequest:
    return OutgoingRequest(url=url, **{"timeout_seconds": 5, **options})


def test_the_receiver_sees_the_host_in_tls_and_http_and_the_request_as_it_was_made(receiver, policy, url):
    receiver.answers["/orders"] = reply("201 Created", b'{"ok":true}', Content_Type="application/json")
    request = post(f"{url}/orders?a=b%20c", headers={"Content-Type": "application/json", "X-Trace": "7"}, body=b"{}")

    answer = send(request, policy)

    assert (answer.status, answer.body, answer.headers["content-type"]) == (201, b'{"ok":true}', "application/json")
    [received] = receiver.received
    assert received.server_name == "hooks.example.com"
    assert received.headers["host"] == f"hooks.example.com:{receiver.port}"
    assert (received.method, received.target, received.body) == ("POST", "/orders?a=b%20c", b"{}")
    assert received.headers["x-trace"] == "7"
    assert received.headers["content-length"] == "2"
    assert received.headers["connection"] == "close"


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "500 Internal Server Error", "503 Busy"])
def test_an_answer_of_any_status_is_an_answer(receiver, policy, url, status):
    receiver.answers["/"] = reply(status, b"no")
    assert send(post(url), policy).status == int(status[:3])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_every_method_of_the_list_is_sent_as_it_is(receiver, policy, url, method):
    receiver.answers["/"] = reply("204 No Content")
    assert send(post(url, method=method), policy).status == 204
    assert receiver.received[0].method == method


def test_a_compressed_answer_is_decompressed(receiver, policy, url):
    receiver.answers["/"] = reply("200 OK", gzip.compress(b"hello " * 100), Content_Encoding="gzip")
    assert send(post(url), policy).body == b"hello " * 100


@pytest.mark.requirement("SEC-02")
def test_a_name_is_resolved_once_and_that_answer_is_what_is_connected_to(receiver, make_policy, url):
    answers = iter([[LOCAL], ["10.0.0.1"], ["169.254.169.254"]])
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return next(answers)

    receiver.answers["/"] = reply("200 OK")
    assert send(post(url), make_policy(resolver=rebinding)).status == 200
    assert asked == ["hooks.example.com"]


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize(
    "inside", ["10.0.0.1", "127.0.0.2", "169.254.169.254", "::1", "::ffff:127.0.0.2", "fe80::1%lo"]
)
def test_one_inside_address_among_several_refuses_the_call_before_any_connection(receiver, make_policy, url, inside):
    policy = make_policy(resolver=lambda host, port: [LOCAL, inside])
    with pytest.raises(OutgoingAddressRefused) as refused:
        send(post(url), policy)
    assert (refused.value.sent, refused.value.retryable) == (False, False)
    assert inside not in refused.value.message
    assert receiver.accepted == 0


@pytest.mark.requirement("SEC-02")
def test_the_real_rule_refuses_the_receiver_on_this_machine(receiver, make_policy, url):
    with pytest.raises(OutgoingAddressRefused):
        send(post(url), make_policy(refuse_address=refuse_all_but()))
    assert receiver.accepted == 0


@pytest.mark.requirement("SEC-02")
def test_the_systems_resolver_and_the_real_rule_together_refuse_localhost(receiver, make_policy):
    policy = make_policy(domains=("localhost",))
    real = type(policy)(domains=policy.domains, ports=policy.ports)
    with pytest.raises((OutgoingAddressRefused, OutgoingDnsFailed)):
        send(post(f"https://localhost:{receiver.port}/"), real)
    assert receiver.accepted == 0


@pytest.mark.requirement("SEC-02")
def test_a_pinned_host_reaches_its_inside_address_and_no_other_host_does(receiver, make_policy, url):
    receiver.answers["/"] = reply("200 OK")
    policy = make_policy(pinned={"hooks.example.com": (LOCAL,)}, refuse_address=refuse_all_but())
    assert send(post(url), policy).status == 200
    with pytest.raises(OutgoingAddressRefused):
        send(post(f"https://in.partner.example:{receiver.port}/"), policy)


def test_a_pinned_host_still_has_to_be_on_the_list(make_policy, url):
    with pytest.raises(OutgoingDomainRefused):
        send(post(url), make_policy(domains=(), pinned={"hooks.example.com": (LOCAL,)}))


@pytest.mark.parametrize("host", ["example.com", "evil.example", "hooks.example.com.evil.example", "partner.example"])
def test_a_host_that_is_not_on_the_list_is_not_even_looked_up(receiver, make_policy, host):
    def never(host, port):
        raise AssertionError("looked up")

    with pytest.raises(OutgoingDomainRefused) as refused:
        send(post(f"https://{host}:{receiver.port}/"), make_policy(resolver=never))
    assert not refused.value.sent


def test_a_url_that_is_refused_says_so_and_has_a_record(policy):
    with pytest.raises(OutgoingUrlRefused) as refused:
        send(post("http://hooks.example.com/"), policy)
    assert refused.value.record.code == "outgoing_url_refused"


def test_the_next_address_is_tried_when_one_does_not_answer(receiver, make_policy, url):
    receiver.answers["/"] = reply("200 OK")
    addresses = ["127.0.0.9", LOCAL]  # nobody listens at the first
    policy = make_policy(resolver=lambda host, port: addresses, refuse_address=refuse_all_but(*addresses))
    assert send(post(url), policy).status == 200


def test_nobody_listening_is_a_connection_failure_with_nothing_sent(make_policy):
    with socket.create_server((LOCAL, 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OutgoingConnectionFailed) as failed:
        send(post(f"https://hooks.example.com:{port}/"), make_policy(ports=frozenset({port})))
    assert (failed.value.sent, failed.value.retryable) == (False, True)


@pytest.mark.parametrize(
    ("number", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True), (socket.EAI_FAIL, True)]
)
def test_a_name_that_is_not_found_fails_and_only_a_passing_failure_may_be_tried_again(
    make_policy, url, number, retryable
):
    def failing(host, port):
        raise socket.gaierror(number, "no answer")

    with pytest.raises(OutgoingDnsFailed) as failed:
        send(post(url), make_policy(resolver=failing))
    assert (failed.value.sent, failed.value.retryable) == (False, retryable)


def test_a_name_without_addresses_fails(make_policy, url):
    with pytest.raises(OutgoingDnsFailed):
        send(post(url), make_policy(resolver=lambda host, port: []))


def test_a_fault_of_the_resolver_itself_is_not_hidden(make_policy, url):
    def broken(host, port):
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        send(post(url), make_policy(resolver=broken))


def test_a_certificate_for_another_name_is_refused_before_anything_is_sent(receiver, make_policy):
    policy = make_policy(domains=("other.example.com",))
    with pytest.raises(OutgoingTlsFailed) as refused:
        send(post(f"https://other.example.com:{receiver.port}/"), policy)
    assert (refused.value.sent, refused.value.retryable) == (False, False)
    assert receiver.received == []


def test_a_certificate_of_an_unknown_authority_is_refused(receiver, make_policy, url):
    with pytest.raises(OutgoingTlsFailed) as refused:
        send(post(url), make_policy(ca_bundle=None))
    assert not refused.value.sent
    assert receiver.received == []


def test_the_environment_of_the_process_changes_nothing(receiver, policy, url, empty_home: Path, monkeypatch):
    netrc = empty_home / ".netrc"
    netrc.write_text("machine hooks.example.com login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nowhere.pem")
    receiver.answers["/"] = reply("200 OK")

    assert send(post(url), policy).status == 200
    assert "authorization" not in receiver.received[0].headers
    assert "proxy-authorization" not in receiver.received[0].headers


def test_a_connection_that_ends_before_the_answer_was_sent_and_may_be_tried_again(receiver, policy, url):
    receiver.answers["/"] = lambda connection, received: None
    with pytest.raises(OutgoingConnectionFailed) as failed:
        send(post(url, body=b"{}"), policy)
    assert (failed.value.sent, failed.value.retryable) == (True, True)
    assert failed.value.record.status is None


def test_an_answer_that_ends_too_early_is_a_failure_and_not_a_short_answer(receiver, policy, url):
    receiver.answers["/"] = lambda connection, received: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
    )
    with pytest.raises(OutgoingConnectionFailed) as failed:
        send(post(url), policy)
    assert failed.value.sent
    assert failed.value.record.status == 200


@pytest.mark.parametrize(
    "garbage",
    [b"\x00" * 100, b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n", b"\r\n" * 50],
)
def test_an_answer_that_is_not_http_is_one_of_our_errors(receiver, policy, url, garbage):
    receiver.answers["/"] = lambda connection, received: connection.sendall(garbage)
    with pytest.raises(OutgoingError) as failed:
        send(post(url), policy)
    assert failed.value.sent


def test_two_receivers_at_one_port_are_told_apart_by_address(authority, make_policy, receiver, url):
    other = Receiver(authority.server_context(["hooks.example.com"]), "127.0.0.2", receiver.port)
    other.answers["/"] = reply("200 OK", b"other")
    receiver.answers["/"] = reply("200 OK", b"first")
    policy = make_policy(resolver=lambda host, port: ["127.0.0.2"], refuse_address=refuse_all_but(LOCAL, "127.0.0.2"))
    try:
        assert send(post(url), policy).body == b"other"
        assert receiver.accepted == 0
    finally:
        other.stop()
