"""Mail that came back: reports of mail servers (RFC 3464), and what another program tells of one."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from itertools import islice

from decommerce.community.exact_json import storable
from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.dead_addresses import STATUS, DeadEnd, is_dead, mark_dead
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import Principal

MOST_BYTES = 1_048_576
MOST_PARTS = 50
# What a message is before it comes back: a server that took it, or of which nobody knows whether it did.
_OUT = (MessageState.SENT, MessageState.UNKNOWN, MessageState.BOUNCED)


class BounceUnreadable(PlatformError):
    """The mail is no report of a mail server."""

    code = "bounce_unreadable"
    status = 422


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says: of which message, whether for good, and why. `status` is as in RFC 3463, such as 5.1.1."""

    message_id: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """What became of it: the message's state now, and whether nothing is written to its address any more."""

    message: int
    state: str
    address_dead: bool


def read_report(mail: bytes) -> Bounce:
    """The report in a mail as it arrived (multipart/report); raises BounceUnreadable. The mail is not trusted."""
    parts = _parts(mail)
    fields = next((found for part in parts if (found := _failed_recipient(part)) is not None), None)
    original = next((found for part in parts if (found := _original_id(part))), "")
    if fields is None or not original:
        raise BounceUnreadable(
            "The mail names no message that came back.", hint="Send the report as it arrived, with its headers."
        )
    words = " ".join(str(fields.get("Diagnostic-Code", "")).split())
    return Bounce(original, str(fields.get("Status", "")).strip()[:16], words)


def _parts(mail: bytes) -> list[Message]:
    try:
        return list(islice(message_from_bytes(mail).walk(), MOST_PARTS))
    except RecursionError:
        # Parts within parts without end: nobody's mail server writes such.
        return []


def take_bounce(principal: Principal, bounce: Bounce) -> Bounced:
    """Record a report on a message of the principal's tenant; a temporary one changes nothing.

    Raises NotFound and BounceUnreadable.
    """
    principal.require("events:write")
    if not STATUS.fullmatch(bounce.status):
        raise BounceUnreadable("The status is none.", hint="Give it as RFC 3463 does, such as 5.1.1.")
    messages = OutboundMessage.objects.select_for_update().filter(message_id=bounce.message_id, state__in=_OUT)
    message = messages.first()
    if message is None:
        raise NotFound("No message of that Message-ID was sent from here.", hint="Pass it on as the report names it.")
    if not bounce.status.startswith("5."):
        return Bounced(message.pk, message.state, False)
    words = storable(f"{bounce.status} {bounce.words}".strip())
    OutboundMessage.objects.filter(pk=message.pk).update(state=MessageState.BOUNCED, last_error=words)
    dead = is_dead(bounce.status)
    if dead:
        mark_dead(message.to_address, DeadEnd(bounce.status, bounce.words), message.message_id)
    return Bounced(message.pk, MessageState.BOUNCED, dead)


def _failed_recipient(part: Message) -> Message | None:
    """The fields of the first recipient that mail could not be delivered to; a delayed one goes on."""
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return None
    groups = [group for group in part.get_payload() if isinstance(group, Message)]
    failed = (group for group in groups if str(group.get("Action", "")).strip().lower() == "failed")
    return next((group for group in failed if STATUS.fullmatch(str(group.get("Status", "")).strip())), None)


def _original_id(part: Message) -> str:
    """The Message-ID of the mail that came back, which the report holds whole or as its headers."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        (inner, *_) = part.get_payload()
        return str(inner.get("Message-ID", "")).strip()
    if part.get_content_type() == "text/rfc822-headers":
        headers = part.get_payload(decode=True)
        return str(message_from_bytes(headers).get("Message-ID", "")).strip() if isinstance(headers, bytes) else ""
    return ""
