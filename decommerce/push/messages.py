"""Queueing what is to be shown on members' devices; a worker pushes it after the commit."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from decommerce.community.exact_json import dumps, loads
from decommerce.community.models import Channel, MessageChannel, OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.community.services.notifications import declined, member_statuses, refusal
from decommerce.push.payload import payload
from decommerce.push.subscriptions import members_with_device

NO_DEVICE = "no_device"


@dataclass(frozen=True, slots=True)
class NewPush:
    """Something to show on all of a member's devices; `idem_key` lets it be pushed once only."""

    member_id: int
    title: str
    idem_key: str
    text: str = ""
    link: str = ""
    topic: str = ""


def queue_pushes(news: Sequence[NewPush]) -> list[str]:
    """What becomes of each: queued, duplicate, no_device, declined (by preference), suspended or not_found."""
    statuses = member_statuses(new.member_id for new in news)
    off, reachable = declined(statuses, Channel.PUSH), members_with_device(statuses)
    refusals = [
        refusal(new.member_id, new.topic, statuses, off) or ("" if new.member_id in reachable else NO_DEVICE)
        for new in news
    ]
    wanted = [_message(new) for new, refused in zip(news, refusals, strict=True) if not refused]
    queued = iter(queue_messages(wanted) if wanted else ())
    return [refused or next(queued).outcome for refused in refusals]


def payload_of(message: OutboundMessage) -> bytes:
    """What the devices get of a queued push."""
    shown = loads(message.body)
    return payload(message.subject, shown["text"], shown["link"], topic_of(message))


def topic_of(message: OutboundMessage) -> str:
    """The same at every attempt: 32 characters of base64url (RFC 8030, section 5.4)."""
    digest = hashlib.sha256(message.message_id.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:32]


def _message(new: NewPush) -> NewMessage:
    return NewMessage(
        idem_key=new.idem_key,
        subject=new.title,
        body=dumps({"text": new.text, "link": new.link}),
        channel=MessageChannel.PUSH,
        member_id=new.member_id,
        topic=new.topic,
    )
