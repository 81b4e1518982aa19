"""The one door for outgoing HTTP (SEC-02, ACT-02).

A call goes to https only, to hosts on the tenant's list, at addresses that are all public and are resolved once; the
connection is made to exactly those. A redirect passes the same door. One deadline covers everything, sizes are bounded
after decompression, and each call is logged, redacted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from requests import PreparedRequest, RequestException
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError, HTTPError

from decommerce.outgoing.connection import PinnedAdapter, Route
from decommerce.outgoing.errors import (
    DestinationRefused,
    OutgoingAddressRefused,
    OutgoingConnectionFailed,
    OutgoingError,
    OutgoingRedirectRefused,
    OutgoingResponseInvalid,
    OutgoingTooLarge,
)
from decommerce.outgoing.exchange import Exchange
from decommerce.outgoing.policy import Policy
from decommerce.outgoing.record import CallRecord, Hop
from decommerce.outgoing.redaction import redact_headers, redact_path
from decommerce.outgoing.redirects import FOLLOWED, follow
from decommerce.outgoing.request import OutgoingRequest
from decommerce.outgoing.resolver import resolve
from decommerce.outgoing.response import OutgoingResponse
from decommerce.outgoing.urls import Url, parse_url

logger = logging.getLogger("decommerce.outgoing")

USER_AGENT = "Decommerce/1"
_CHUNK = 65_536


def send(request: OutgoingRequest, policy: Policy) -> OutgoingResponse:
    """Send a request and read its answer, whatever the answer's status.

    Raises the errors of `outgoing.errors`; each says whether anything was sent, whether a repetition may help, and
    carries its record for the audit log.
    """
    return _Call(request, policy).run()


class _Call:
    """One call over all its hops."""

    def __init__(self, request: OutgoingRequest, policy: Policy) -> None:
        self.request = request
        self.policy = policy
        self.exchange = Exchange(request.timeout_seconds)
        self.hops: list[Hop] = []
        self.first: Url | None = None
        self.answer_headers: Mapping[str, str] = {}

    def run(self) -> OutgoingResponse:
        try:
            body = self._follow_all()
        except OutgoingError as error:
            error.sent = self.exchange.sent
            error.response_status = self.hops[-1].status if self.hops else None
            error.record = self._record(error.code)
            logger.warning("%s", _line(error.record), extra={"outgoing": error.record.as_dict()})
            raise
        record = self._record("")
        logger.info("%s", _line(record), extra={"outgoing": record.as_dict()})
        return OutgoingResponse(
            status=self.hops[-1].status or 0,
            headers=self.answer_headers,
            body=body,
            elapsed_ms=record.duration_ms,
            hops=record.hops,
            record=record,
        )

    def _follow_all(self) -> bytes:
        url = self.first = parse_url(self.request.url, self.policy.ports)
        request = self.request
        body = self._hop(request, url)
        while body is None:
            if len(self.hops) > self.policy.max_redirects:
                raise OutgoingRedirectRefused(
                    f"More than {self.policy.max_redirects} redirects.", hint="Use the address that they end at."
                )
            source, location = url, self.answer_headers.get("location", "")
            try:
                request = follow(request, source, self.hops[-1].status or 0, location, self.policy.ports)
                url = parse_url(request.url, self.policy.ports)
                body = self._hop(request, url)
            except DestinationRefused as error:
                raise OutgoingRedirectRefused(
                    f"{source.host} redirects to where nothing is sent: {error.message}", hint=error.hint
                ) from error
        return body

    def _hop(self, request: OutgoingRequest, url: Url) -> bytes | None:
        """The body of the answer; None where it redirects."""
        self.hops.append(Hop(url.host))
        self.exchange.expect_head()
        with _failures_of(url.host), closing(PinnedAdapter(self._route(url))) as adapter:
            prepared = _prepare(request, url)
            with closing(adapter.send(prepared, stream=True, timeout=self.exchange.remaining())) as response:
                self.hops[-1] = Hop(url.host, response.status_code)
                self.answer_headers = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code in FOLLOWED and "location" in self.answer_headers:
                    return None
                self.exchange.expect_body(request.max_bytes)
                return _read(response.raw, request.max_bytes)

    def _route(self, url: Url) -> Route:
        self.policy.require(url.host)
        addresses = self.policy.pinned.get(url.host) or self._looked_up(url)
        return Route(url.host, url.port, addresses, self.exchange, self.policy.ca_bundle)

    def _looked_up(self, url: Url) -> tuple[str, ...]:
        """The host's addresses, none of which is refused."""
        addresses = resolve(self.policy.resolver, url.host, url.port, self.exchange)
        for address in addresses:
            reason = self.policy.refuse_address(address)
            if reason:
                # The address itself may be an inside fact: the operator's log has it, the tenant does not.
                logger.warning("%s resolves to %s: %s", url.host, address, reason)
                raise OutgoingAddressRefused(
                    f"{url.host} resolves to an address that is not public.", hint="Use a host on the Internet."
                )
        return addresses

    def _record(self, code: str) -> CallRecord:
        url = self.first
        return CallRecord(
            method=self.request.method,
            host=url.host if url else "",
            port=url.port if url else 0,
            path=redact_path(url.path) if url else "",
            status=self.hops[-1].status if self.hops else None,
            code=code,
            sent=self.exchange.sent,
            request_bytes=len(self.request.body),
            response_bytes=self.exchange.received,
            duration_ms=self.exchange.elapsed_ms,
            hops=tuple(self.hops),
            request_headers=redact_headers(self.request.headers),
            response_headers=redact_headers(self.answer_headers),
        )


@contextmanager
def _failures_of(host: str) -> Iterator[None]:
    """The errors of the libraries as ours."""
    try:
        yield
    except DecodeError as error:
        raise OutgoingResponseInvalid(
            f"The answer of {host} cannot be decompressed.", hint="Ask the receiver."
        ) from error
    except (RequestException, HTTPError) as error:
        raise OutgoingConnectionFailed(f"The connection to {host} broke.", hint="Check that it is up.") from error


def _prepare(request: OutgoingRequest, url: Url) -> PreparedRequest:
    """The request as requests' transport takes it. The URL is ours already, so nothing parses it a second time."""
    prepared = PreparedRequest()
    prepared.method = request.method
    prepared.url = url.text
    prepared.body = request.body or None
    prepared.headers = CaseInsensitiveDict(
        {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
    )
    prepared.headers.update(request.headers)
    prepared.headers.update({"Host": url.authority, "Connection": "close"})
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        prepared.headers["Content-Length"] = str(len(request.body))
    return prepared


def _read(raw: BaseHTTPResponse, max_bytes: int) -> bytes:
    """The decompressed body, in pieces, so that a bomb never unfolds past the bound."""
    pieces: list[bytes] = []
    room = max_bytes
    while piece := raw.read(min(_CHUNK, room + 1), decode_content=True):
        room -= len(piece)
        if room < 0:
            raise OutgoingTooLarge(
                f"The answer is longer than {max_bytes:,} bytes.", hint="Ask the receiver for a short answer."
            )
        pieces.append(piece)
    return b"".join(pieces)


def _line(record: CallRecord) -> str:
    outcome = record.code or str(record.status)
    return f"{record.method} {record.host}{record.path} {outcome} {record.duration_ms} ms"
