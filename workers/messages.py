"""From messages on the events queues to the CloudEvents envelopes in them (CloudEvents 1.0, JSON format)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from kombu import Queue, compression
from kombu.message import Message

from apps_engine.language.jsontext import JsonTextError, loads
from decommerce.community.publisher import BATCH_CONTENT_TYPE, EVENT_CONTENT_TYPE

# The most bytes of a message by its content type. The publisher bounds a batch by number: 200 posts of 64 KiB are many.
MOST_BYTES: Mapping[str, int] = {EVENT_CONTENT_TYPE: 1_048_576, BATCH_CONTENT_TYPE: 67_108_864}
# With that a batch is full: a message of many events is one by itself, and who comes next waits for that one at most.
ENOUGH_EVENTS = 200
ENOUGH_BYTES = 1_048_576
# The content type of what was no message of the queue when it came: its body is the text, its header the reason.
NO_MESSAGE = "application/x-no-message"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that holds no events, and why."""

    body: str
    content_type: str
    code: str
    reason: str


@dataclass(slots=True)
class Batch:
    """Messages that are taken in together, and what they hold. `queue` is where the first one came from."""

    queue: Queue | None = None
    messages: list[Message] = field(default_factory=list)
    envelopes: list[Any] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    size: int = 0

    def add(self, queue: Queue, message: Message) -> None:
        """One more message, whatever is in it."""
        self.queue = self.queue or queue
        self.messages.append(message)
        self.size += len(message.body or "")
        found = _contents(message)
        if isinstance(found, Letter):
            self.letters.append(found)
        else:
            self.envelopes.extend(found)

    def is_full(self) -> bool:
        """Whether no more messages are added."""
        events = len(self.envelopes) + len(self.letters)
        return events >= ENOUGH_EVENTS or self.size >= ENOUGH_BYTES


def refuse_compression() -> None:
    """From here on this process inflates no message: kombu would before anybody could ask how long it is."""
    for kind in compression.encoders():
        compression.register(compression.get_encoder(kind)[0], _refuse, kind)


def envelopes_of(body: bytes | str, content_type: str) -> Sequence[Any] | Letter:
    """The envelopes of a message, not yet checked; a Letter for one that cannot be read."""
    if content_type not in MOST_BYTES:
        reason = f"The content type is “{content_type}”; only {' and '.join(MOST_BYTES)} are read."
        return _letter(body, content_type, "bad_content_type", reason)
    try:
        value = loads(body, max_bytes=MOST_BYTES[content_type])
    except JsonTextError as error:
        return _letter(body, content_type, error.code, error.message)
    if content_type == EVENT_CONTENT_TYPE:
        return [value]
    if not isinstance(value, list):
        return _letter(body, content_type, "not_a_batch", "A batch of events is a JSON array.")
    return value


def _refuse(body: bytes) -> NoReturn:
    raise ValueError("compressed messages are not read")


def _letter(body: bytes | str, content_type: str, code: str, reason: str) -> Letter:
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    return Letter(text, content_type, code, reason)


def _contents(message: Message) -> Sequence[Any] | Letter:
    if message.content_type == NO_MESSAGE:
        reason = f"This is no message of the queue: {message.headers.get('reason')}"
        return _letter(message.body, "", "not_a_message", reason)
    if message.errors:
        return Letter(repr(message.body), message.content_type or "", "undecodable", repr(message.errors[0][1]))
    return envelopes_of(message.body, message.content_type or "")
