"""Handing one e-mail to the mail server, and reading what its answer means (RFC 5321)."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.html import format_html, linebreaks

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.dead_addresses import STATUS, DeadEnd, is_dead
from decommerce.community.services.invitation_mail import body_of
from decommerce.community.services.unsubscribing import Reader, unsubscribe_url
from workers.answer import Answer

STOP = "Stop e-mails from this community"
STOP_TOPIC = "Stop e-mails about “{topic}”, or all from this community"
# Mailbox unavailable, user not local, mailbox name not allowed.
_NOBODY = frozenset({550, 551, 553})


class MailServer:
    """One connection, made for the first message and shared by the others."""

    def __init__(self) -> None:
        self._connection: Any = get_connection()

    def __enter__(self) -> MailServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, message: OutboundMessage) -> Answer:
        """Hand over one message; raises nothing that a mail server can cause."""
        try:
            mail = _mail(message, self._connection)
            mail.message()
        except ValueError as error:
            # BadHeaderError among them: nothing from a message ever becomes a header of its own.
            return Answer(MessageState.FAILED, f"This is no e-mail that can be sent: {error}")
        try:
            self._connection.open()
        except (smtplib.SMTPException, OSError) as error:
            self._connection.close()
            return Answer(MessageState.QUEUED, f"The mail server cannot be reached: {error}")
        try:
            mail.send()
        except (smtplib.SMTPException, OSError) as error:
            self._connection.close()
            return _answer(error)
        return Answer(MessageState.SENT)


def _mail(message: OutboundMessage, connection: Any) -> EmailMultiAlternatives:
    """A member's mail has a link that ends such mail, at its foot and for mail programs (RFC 2369, RFC 8058)."""
    way_out = ""
    if message.member_id is not None:
        way_out = unsubscribe_url(Reader(message.tenant_id, message.member_id, message.topic))
    text = body_of(message)
    stop = STOP_TOPIC.format(topic=message.topic) if message.topic else STOP
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=f"{text}\n\n-- \n{stop}: {way_out}\n" if way_out else text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to_address],
        # RFC 3834: no machine answers a machine.
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated", **_list_headers(way_out)},
        connection=connection,
    )
    foot = format_html('<p><a href="{}">{}</a></p>', way_out, stop) if way_out else ""
    mail.attach_alternative(linebreaks(text, autoescape=True) + foot, "text/html")
    return mail


def _list_headers(way_out: str) -> dict[str, str]:
    if not way_out:
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if way_out.startswith("https://") else {}
    return {"List-Unsubscribe": f"<{way_out}>", **one_click}


def _by_code(code: int, words: bytes | str) -> Answer:
    """RFC 5321, 4.2.1: 4yz is worth another attempt, 5yz is not."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    state = MessageState.QUEUED if 400 <= code < 500 else MessageState.FAILED
    return Answer(state, f"{code} {text}")


def _refused_recipient(error: smtplib.SMTPRecipientsRefused) -> Answer:
    """Refused for good at RCPT, it is refused for this recipient, and nobody asks again (RFC 5321, 4.2.4)."""
    code, words = next(iter(error.recipients.values()))
    answer = _by_code(code, words)
    if answer.state != MessageState.FAILED:
        return answer
    found = STATUS.search(answer.words)
    status = found[1] if found else ""
    # Without an enhanced code, that of the reply says what there is to know.
    dead = is_dead(status) if status else code in _NOBODY
    return Answer(MessageState.REFUSED, answer.words, dead=DeadEnd(status, answer.words) if dead else None)


def _refused(error: smtplib.SMTPResponseException) -> Answer:
    return _by_code(error.smtp_code, error.smtp_error)


def _unsupported(error: smtplib.SMTPNotSupportedError) -> Answer:
    return Answer(MessageState.FAILED, str(error))


# From the special to the general. Whatever is not here ended the talk in the middle: nobody knows what arrived.
_ANSWERS: tuple[tuple[type[Exception], Callable[[Any], Answer]], ...] = (
    (smtplib.SMTPRecipientsRefused, _refused_recipient),
    (smtplib.SMTPNotSupportedError, _unsupported),
    (smtplib.SMTPResponseException, _refused),
)


def _answer(error: Exception) -> Answer:
    for kind, read in _ANSWERS:
        if isinstance(error, kind):
            return read(error)
    words = f"The mail server went away in the middle: {error or type(error).__name__}"
    return Answer(MessageState.UNKNOWN, words)
