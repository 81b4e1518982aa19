"""Connections that go to the vetted addresses and nowhere else, within the call's budget."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from certifi import where as public_certificates
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from decommerce.outgoing.errors import OutgoingConnectionFailed, OutgoingTlsFailed
from decommerce.outgoing.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Route:
    """One hop's way: the host that is asked for and proves itself, and the vetted addresses, best first."""

    host: str
    port: int
    addresses: tuple[str, ...]
    exchange: Exchange
    ca_bundle: str | None = None


class BudgetedSocket(ssl.SSLSocket):
    """A TLS socket whose every read and write ends at the call's deadline, however slowly the peer drips."""

    exchange: Exchange

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(self.exchange.remaining())
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except TimeoutError as error:
            raise self.exchange.timed_out() from error
        self.exchange.count_received(count)
        return count

    def send(self, data: Any, flags: int = 0) -> int:
        self.settimeout(self.exchange.remaining())
        self.exchange.sent = True
        try:
            return super().send(data, flags)
        except TimeoutError as error:
            raise self.exchange.timed_out() from error


@lru_cache(maxsize=8)
def client_context(ca_bundle: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later, certificate and name verified against the public authorities and those of `ca_bundle`."""
    context = ssl.create_default_context(cafile=public_certificates())
    if ca_bundle:
        context.load_verify_locations(cafile=ca_bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = BudgetedSocket
    return context


class PinnedConnection(HTTPSConnection):
    """Connects to the route's addresses. Name, SNI, Host header and certificate check stay those of the host."""

    def __init__(self, *args: Any, route: Route, **options: Any) -> None:
        super().__init__(*args, **options)
        self.route = route

    def _new_conn(self) -> socket.socket:
        """One TCP connection to the first address that answers; each gets its share of the time that is left."""
        failure: OSError | None = None
        count = len(self.route.addresses)
        for position, address in enumerate(self.route.addresses):
            share = self.route.exchange.remaining() / (count - position)
            try:
                return _open(address, self.route.port, share, self.route.exchange)
            except OSError as error:
                failure = error
        self.route.exchange.remaining()
        raise _not_connected(self.route.host) from failure

    def connect(self) -> None:
        """Connect and shake hands; raises OutgoingTlsFailed, OutgoingTimeout or OutgoingConnectionFailed."""
        try:
            super().connect()
        except ssl.SSLCertVerificationError as error:
            raise OutgoingTlsFailed(
                f"The certificate of {self.route.host} is not valid: {error.verify_message}",
                hint="The receiver must present a valid certificate for its name.",
            ) from error
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise _not_connected(self.route.host) from error
        except ssl.SSLError as error:
            raise OutgoingTlsFailed(
                f"{self.route.host} does not speak TLS 1.2 or later.", hint="Only https is sent."
            ) from error
        except TimeoutError as error:
            raise self.route.exchange.timed_out() from error
        except OSError as error:
            raise _not_connected(self.route.host) from error
        if not isinstance(self.sock, BudgetedSocket):
            raise TypeError("The TLS context made a socket without a budget.")
        self.sock.exchange = self.route.exchange


class PinnedPool(HTTPSConnectionPool):
    """urllib3's pool for one hop of one call; it is never shared, so neither is a connection."""

    ConnectionCls = PinnedConnection


class PinnedAdapter(HTTPAdapter):
    """requests' transport for one hop. It is used without a session: no cookies, proxies, netrc or environment."""

    def __init__(self, route: Route) -> None:
        super().__init__(max_retries=0)
        self._pool = PinnedPool(
            route.host,
            route.port,
            maxsize=1,
            ssl_context=client_context(route.ca_bundle),
            cert_reqs="CERT_REQUIRED",
            route=route,
        )

    def get_connection_with_tls_context(self, request: PreparedRequest, *args: Any, **options: Any) -> PinnedPool:
        return self._pool

    def cert_verify(self, *args: Any, **options: Any) -> None:
        """Nothing to set: the pool's TLS context verifies, and no argument can turn that off."""

    def close(self) -> None:
        self._pool.close()
        super().close()


def _open(address: str, port: int, seconds: float, exchange: Exchange) -> socket.socket:
    connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect((address, port))
        connection.settimeout(exchange.remaining())  # for the handshake
    except BaseException:
        connection.close()
        raise
    return connection


def _not_connected(host: str) -> OutgoingConnectionFailed:
    return OutgoingConnectionFailed(f"No connection to {host}.", hint="Check that the receiver is up.")
