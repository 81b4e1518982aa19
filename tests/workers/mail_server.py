"""A mail server (SMTP) that answers as a test tells it to, and keeps what it accepted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from threading import Event

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import free_port

ACCEPTED = "250 Accepted"
# It tells of each connection from a thread of its own, also when nobody's output is there any more.
logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass
class MailServer:
    """`recipient` and `data` are its next answers to RCPT and DATA.

    While `hold` is set it takes a message and does not answer; while `silent` is, it ends the connection instead.
    """

    port: int
    recipient: str = "250 OK"
    data: str = ACCEPTED
    silent: Event = field(default_factory=Event)
    hold: Event = field(default_factory=Event)
    received: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.sessions.add(id(session))
        if self.data == ACCEPTED:
            self.received.append(message_from_bytes(envelope.content))
            self.recipients.append(envelope.rcpt_tos)
        while self.hold.is_set():
            await asyncio.sleep(0.02)
        if self.silent.is_set():
            # The connection ends without a word: the sender cannot know what became of the message.
            server.transport.abort()
        return self.data


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """A mail server on a free port of the loopback address."""
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()
