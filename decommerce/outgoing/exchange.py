"""The budget of one call: its deadline, the bytes it may read, and whether anything has left."""

from __future__ import annotations

import time

from decommerce.outgoing.errors import OutgoingTimeout, OutgoingTooLarge

MAX_HEAD_BYTES = 65_536
# Chunks, trailers and a poor compression may make the wire longer than the body, but not without bounds.
FRAMING_FACTOR = 2


class Exchange:
    """Shared by every hop of a call and enforced by its sockets, so that no slow or endless part escapes it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.sent = False
        self.received = 0
        self._began = time.monotonic()
        self._ceiling = MAX_HEAD_BYTES

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the call began."""
        return round((time.monotonic() - self._began) * 1000)

    def remaining(self) -> float:
        """Seconds until the deadline, more than 0; raises OutgoingTimeout after it."""
        left = self._began + self.seconds - time.monotonic()
        if left <= 0:
            raise self.timed_out()
        return left

    def timed_out(self) -> OutgoingTimeout:
        """The error of a call that was not over at its deadline."""
        return OutgoingTimeout(
            f"No complete answer within {self.seconds:g} seconds.", hint="Try later, or ask the receiver."
        )

    def expect_head(self) -> None:
        """The next bytes are status line and headers, at most 64 KiB of them."""
        self._ceiling = self.received + MAX_HEAD_BYTES

    def expect_body(self, max_bytes: int) -> None:
        """The next bytes are a body of at most that size, and its framing."""
        self._ceiling = self.received + FRAMING_FACTOR * max_bytes + MAX_HEAD_BYTES

    def count_received(self, count: int) -> None:
        """Add bytes that arrived; raises OutgoingTooLarge above what is expected."""
        self.received += count
        if self.received > self._ceiling:
            raise OutgoingTooLarge("The answer is longer than allowed.", hint="Ask the receiver for a short answer.")
