"""Names to addresses, within the call's deadline.

getaddrinfo cannot be interrupted, so each look-up has a thread of its own. The number of look-ups under way is bounded:
a name server that never answers cannot pile up threads without end.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread

from decommerce.outgoing.errors import OutgoingDnsFailed
from decommerce.outgoing.exchange import Exchange

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to the addresses of all its records, as text, best first; raises OSError as getaddrinfo does."""

MAX_LOOKUPS = 64
_places = BoundedSemaphore(MAX_LOOKUPS)
# The name certainly has no address; every other failure may pass.
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})


def system_resolver(host: str, port: int) -> list[str]:
    """The operating system's answer. The trailing dot keeps its search list, and so internal names, out of it."""
    answers = socket.getaddrinfo(f"{host}.", port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def resolve(resolver: Resolver, host: str, port: int, exchange: Exchange) -> tuple[str, ...]:
    """The addresses of a host, at least one; raises OutgoingDnsFailed or OutgoingTimeout."""
    if not _places.acquire(timeout=exchange.remaining()):
        raise exchange.timed_out()
    answer: Future[Sequence[str]] = Future()
    Thread(target=_look_up, args=(resolver, host, port, answer), name=f"resolve {host}", daemon=True).start()
    try:
        addresses = tuple(answer.result(timeout=exchange.remaining()))
    except TimeoutError as error:
        raise exchange.timed_out() from error
    except OSError as error:
        raise OutgoingDnsFailed(
            f"The host {host} was not found.", hint="Check its spelling.", retryable=error.errno not in _NO_SUCH_NAME
        ) from error
    if not addresses:
        raise OutgoingDnsFailed(f"The host {host} has no address.", hint="Check its spelling.")
    return addresses


def _look_up(resolver: Resolver, host: str, port: int, answer: Future[Sequence[str]]) -> None:
    try:
        answer.set_result(resolver(host, port))
    except Exception as error:  # noqa: BLE001 - it is raised again where the answer is awaited
        answer.set_exception(error)
    finally:
        _places.release()
