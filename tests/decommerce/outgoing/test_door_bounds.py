"""No receiver, however slow or generous, takes more than the time and the bytes that the caller gave."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib
from threading import Event, Thread

import pytest

from decommerce.outgoing.door import send
from decommerce.outgoing.errors import (
    OutgoingConnectionFailed,
    OutgoingError,
    OutgoingResponseInvalid,
    OutgoingTimeout,
    OutgoingTooLarge,
)
from decommerce.outgoing.request import OutgoingRequest
from tests.decommerce.outgoing.conftest import LOCAL, refuse_all_but
from tests.decommerce.outgoing.receiver import Receiver, reply

pytestmark = pytest.mark.requirement("ACT-02")

SECONDS = 0.5
SLACK = 3.0


def quick(url: str, **options) -> OutgoingRequest:
    return OutgoingRequest(url=url, **{"timeout_seconds": SECONDS, **options})


def patient(url: str, **options) -> OutgoingRequest:
    return OutgoingRequest(url=url, **{"timeout_seconds": 20, "max_bytes": 10_000, **options})


def dripping(receiver: Receiver, head: bytes, piece: bytes):
    """Send `head`, then `piece` again and again, far below any timeout of a single read."""

    def answer(connection, received):
        connection.sendall(head)
        while not receiver.stopping.wait(0.02):
            connection.sendall(piece)

    return answer


def flooding(head: bytes, piece: bytes):
    """Send `head`, then `piece` without end."""

    def answer(connection, received):
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return answer


def times_out(request: OutgoingRequest, policy) -> OutgoingTimeout:
    began = time.monotonic()
    with pytest.raises(OutgoingTimeout) as late:
        send(request, policy)
    assert SECONDS - 0.05 <= time.monotonic() - began < SECONDS + SLACK
    assert late.value.retryable
    assert late.value.record.code == "outgoing_timeout"
    return late.value


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"extension"),
    ],
    ids=["body", "chunks", "headers", "header", "status line", "interim answers", "trailers", "chunk extension"],
)
def test_an_answer_that_drips_ends_at_the_deadline(receiver, policy, url, head, piece):
    receiver.answers["/"] = dripping(receiver, head, piece)
    assert times_out(quick(url), policy).sent


def test_a_receiver_that_never_answers_ends_at_the_deadline(receiver, policy, url):
    receiver.answers["/"] = lambda connection, received: receiver.stopping.wait(10)
    assert times_out(quick(url), policy).sent


def test_a_receiver_that_never_reads_ends_at_the_deadline(authority, make_policy):
    with socket.create_server((LOCAL, 0)) as listener:
        context = authority.server_context(["hooks.example.com"])
        done = Event()

        def shake_hands_only():
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True):
                done.wait(10)

        Thread(target=shake_hands_only, daemon=True).start()
        port = listener.getsockname()[1]
        request = quick(f"https://hooks.example.com:{port}/", body=b"x" * 30_000_000)
        assert times_out(request, make_policy(ports=frozenset({port}))).sent
        done.set()


def test_a_handshake_that_never_ends_is_cut_with_nothing_sent(make_policy):
    with socket.create_server((LOCAL, 0)) as silent:
        port = silent.getsockname()[1]
        late = times_out(quick(f"https://hooks.example.com:{port}/"), make_policy(ports=frozenset({port})))
        assert not late.sent


def test_an_address_that_never_connects_is_cut_with_nothing_sent(make_policy):
    with socket.socket() as full:
        full.bind((LOCAL, 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex((LOCAL, port))
        late = times_out(quick(f"https://hooks.example.com:{port}/"), make_policy(ports=frozenset({port})))
        assert not late.sent
        for client in waiting:
            client.close()


def test_a_name_server_that_never_answers_is_cut_with_nothing_sent(make_policy, url):
    released = Event()

    def hanging(host, port):
        released.wait(10)
        return [LOCAL]

    assert not times_out(quick(url), make_policy(resolver=hanging)).sent
    released.set()


def test_redirects_share_the_deadline(receiver, policy, url):
    def slow_redirect(connection, received):
        receiver.stopping.wait(0.3)
        reply("307 Elsewhere", Location="/again")(connection, received)

    receiver.answers["/"] = receiver.answers["/again"] = slow_redirect
    assert times_out(quick(url), policy).sent


def test_an_answer_may_be_as_long_as_allowed_and_not_one_byte_longer(receiver, policy, url):
    receiver.answers["/exact"] = reply("200 OK", b"x" * 10_000)
    receiver.answers["/longer"] = reply("200 OK", b"x" * 10_001)
    assert len(send(patient(f"{url}/exact"), policy).body) == 10_000
    with pytest.raises(OutgoingTooLarge) as large:
        send(patient(f"{url}/longer"), policy)
    assert (large.value.sent, large.value.retryable, large.value.response_status) == (True, False, 200)


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "layers"), [("gzip", 1), ("gzip, gzip", 2), ("gzip, gzip, gzip", 3)], ids=["one", "two", "three"]
)
def test_a_bomb_never_unfolds(receiver, policy, url, encoding, layers):
    body = bomb(200)
    for _ in range(layers - 1):
        body = gzip.compress(body)
    # Small enough on the wire that only the unfolding can be what is refused.
    request = patient(url, max_bytes=200_000)
    receiver.answers["/"] = reply("200 OK", body, Content_Encoding=encoding)
    tracemalloc.start()
    try:
        with pytest.raises(OutgoingTooLarge) as large:
            send(request, policy)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert large.value.sent


def test_a_long_list_of_encodings_is_refused(receiver, policy, url):
    receiver.answers["/"] = reply("200 OK", b"x", Content_Encoding=", ".join(["gzip"] * 50))
    with pytest.raises(OutgoingResponseInvalid) as refused:
        send(patient(url), policy)
    assert refused.value.sent


def test_a_body_that_is_not_what_its_encoding_says_is_refused(receiver, policy, url):
    receiver.answers["/"] = reply("200 OK", b"not gzip", Content_Encoding="gzip")
    with pytest.raises(OutgoingResponseInvalid) as refused:
        send(patient(url), policy)
    assert (refused.value.sent, refused.value.retryable) == (True, False)


EMPTY_BLOCKS = b"\x00\x00\x00\xff\xff" * 2_000  # deflate: stored blocks of length 0


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\x78\x9c", EMPTY_BLOCKS),
        (b"", b"HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 10_000),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 8_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"e" * 5_000 + b"\r\nx\r\n"),
    ],
    ids=["body", "empty blocks", "interim answers", "header", "headers", "trailers", "chunk extensions"],
)
def test_an_endless_answer_is_cut_early(receiver, policy, url, head, piece):
    receiver.answers["/"] = flooding(head, piece)
    began = time.monotonic()
    with pytest.raises((OutgoingTooLarge, OutgoingConnectionFailed)) as refused:
        send(patient(url), policy)
    assert time.monotonic() - began < 5
    assert refused.value.sent
    assert refused.value.record.response_bytes < 300_000


def test_more_headers_than_the_protocol_library_takes_is_one_of_our_errors(receiver, policy, url):
    receiver.answers["/"] = reply("200 OK", b"", **{f"X_{number}": "a" for number in range(500)})
    with pytest.raises(OutgoingError) as refused:
        send(patient(url), policy)
    assert refused.value.sent


def test_a_first_address_that_hangs_leaves_time_for_the_second(receiver, make_policy, url):
    receiver.answers["/"] = reply("200 OK")
    with socket.socket() as full:
        full.bind(("127.0.0.3", receiver.port))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.3", receiver.port))
        addresses = ["127.0.0.3", LOCAL]
        policy = make_policy(resolver=lambda host, port: addresses, refuse_address=refuse_all_but(*addresses))
        assert send(quick(url, timeout_seconds=2), policy).status == 200
        for client in waiting:
            client.close()
