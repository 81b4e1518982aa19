"""What became of handing a message over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from decommerce.community.models import MessageState
from decommerce.community.services.dead_addresses import DeadEnd


@dataclass(frozen=True, slots=True)
class Answer:
    """`state` is sent, refused or failed (for good), queued (worth another attempt), unknown or suppressed (unasked).

    `words` are the receiver's, `wait` is how long it asked not to be tried again. `dead` says that nobody has the
    address any more.
    """

    state: MessageState
    words: str = ""
    wait: timedelta = timedelta(0)
    dead: DeadEnd | None = None
