"""Messages that leave the platform: written here, delivered by a worker after the commit."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count
from django.utils import timezone

from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import Inserted, insert_once
from decommerce.community.models import Member, MessageChannel, MessageState, OutboundMessage
from decommerce.community.services.dead_addresses import dead_among
from decommerce.community.services.notifications import EVERY_TOPIC, declined, member_statuses, refusal, standing
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.context import current_tenant_id

MAX_SUBJECT = 500
DAYS_COUNTED = 7
DEAD_ADDRESS = "dead_address"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to send. Without `to_address`, an e-mail goes to the member's own; a push always goes to a member.

    `idem_key` lets it be sent once only, and determines its Message-ID.
    """

    idem_key: str
    body: str
    subject: str = ""
    channel: MessageChannel = MessageChannel.EMAIL
    to_address: str = ""
    member_id: int | None = None
    topic: str = EVERY_TOPIC


@dataclass(frozen=True, slots=True)
class MessageResult:
    """`outcome`: queued, duplicate (of `message_id`), suppressed, not_found, no_address or bad_address.

    A message to a member who declined or is suspended, and one to an address that mail comes back from, is kept as
    suppressed, so that one sees what was not sent and why.
    """

    message_id: int | None
    outcome: str


def queue_messages(news: Sequence[NewMessage]) -> list[MessageResult]:
    """Write messages for delivery."""
    directory = _Directory.of(news)
    planned = [_plan(new, directory) for new in news]
    inserted = insert_once([row for row, _ in planned if row is not None])
    return [MessageResult(None, outcome) if row is None else _result(row, inserted) for row, outcome in planned]


def withhold_unwanted(message: OutboundMessage) -> bool:
    """Have a message that is no longer wanted be suppressed, with the reason; whether it was.

    What held as it was written is asked again as it leaves: a member may decline, or an address die, in between. Mail
    to no member is nobody's to decline. Needs the tenant's scope and a lock on the message.
    """
    refused = ""
    if message.member_id is not None:
        statuses, off = standing([message.member_id], message.channel)
        refused = refusal(message.member_id, message.topic, statuses, off)
    if not refused and message.channel == MessageChannel.EMAIL and dead_among([message.to_address]):
        refused = DEAD_ADDRESS
    if refused:
        message.state, message.last_error = MessageState.SUPPRESSED, refused
        message.save(update_fields=["state", "last_error"])
    return bool(refused)


def emails_by_state() -> dict[str, int]:
    """How many e-mails of the last DAYS_COUNTED days are in each state. Needs the tenant's scope."""
    since = timezone.now() - timedelta(days=DAYS_COUNTED)
    written = OutboundMessage.objects.filter(channel=MessageChannel.EMAIL, created_at__gte=since)
    return dict(written.order_by("state").values_list("state").annotate(number=Count("pk")))


def rfc_message_id(tenant_id: int, idem_key: str) -> str:
    """The Message-ID (RFC 5322) of the message with that key, the same at every attempt."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<{hashlib.sha256(f'{tenant_id}:{idem_key}'.encode()).hexdigest()[:40]}@{domain}>"


@dataclass(frozen=True, slots=True)
class _Directory:
    """What is known of the members that a batch goes to."""

    statuses: Mapping[int, str]
    emails: Mapping[int, str | None]
    off: Mapping[str, Mapping[tuple[int, str], bool]]
    dead: Collection[str]

    @classmethod
    def of(cls, news: Sequence[NewMessage]) -> _Directory:
        statuses = member_statuses(new.member_id for new in news if new.member_id is not None)
        emails = dict(Member.objects.filter(pk__in=list(statuses)).values_list("pk", "email"))
        off = {channel: declined(statuses, channel) for channel in MessageChannel.values}
        written = [new for new in news if new.channel == MessageChannel.EMAIL]
        dead = dead_among([*(new.to_address.strip() for new in written), *(email or "" for email in emails.values())])
        return cls(statuses, emails, off, dead if written else ())

    def refusal(self, new: NewMessage) -> str:
        """Why the member is not written to, or nothing."""
        if new.member_id is None:
            return ""
        return refusal(new.member_id, new.topic, self.statuses, self.off[new.channel])


def _plan(new: NewMessage, directory: _Directory) -> tuple[OutboundMessage | None, str]:
    refused = directory.refusal(new)
    if refused == "not_found":
        return None, refused
    address = _address(new, directory)
    if not address:
        return None, "no_address"
    if new.channel == MessageChannel.EMAIL and not _is_address(address):
        return None, "bad_address"
    if new.channel == MessageChannel.EMAIL and address.lower() in directory.dead:
        refused = refused or DEAD_ADDRESS
    state = MessageState.SUPPRESSED if refused else MessageState.QUEUED
    return _row(new, address, state, refused), str(state)


def _result(row: OutboundMessage, inserted: Inserted[OutboundMessage]) -> MessageResult:
    message_id, outcome = inserted.place(row)
    return MessageResult(message_id, str(row.state) if outcome == "created" else outcome)


def _address(new: NewMessage, directory: _Directory) -> str:
    if new.channel == MessageChannel.PUSH:
        return f"member:{new.member_id}" if new.member_id is not None else ""
    own = directory.emails.get(new.member_id) if new.member_id is not None else None
    return storable(new.to_address).strip() or own or ""


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _row(new: NewMessage, address: str, state: MessageState, refused: str) -> OutboundMessage:
    cause = current_cause()
    key = stored_key(new.idem_key)
    return OutboundMessage(
        channel=new.channel,
        to_address=address,
        member_id=new.member_id,
        # A line break in a subject would start a new header.
        subject=" ".join(storable(new.subject).split())[:MAX_SUBJECT],
        topic=storable(new.topic)[:64],
        body=storable(new.body),
        message_id=rfc_message_id(current_tenant_id(), key),
        idem_key=key,
        state=state,
        run_at=timezone.now(),
        last_error=refused,
        app_id=cause.app_id,
        execution_id=cause.execution_id,
    )
