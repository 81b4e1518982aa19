"""Members end e-mails with the link in one of them, without signing in (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from decommerce.community.models import Channel, Member, NotificationPreference
from decommerce.community.services.notifications import EVERY_TOPIC, declined, set_preference
from decommerce.tenancy.errors import NotFound

PATH = "unsubscribe"
_SALT = "decommerce.unsubscribe"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who got an e-mail, and about which topic, as its link says."""

    tenant_id: int
    member_id: int
    topic: str = EVERY_TOPIC


def unsubscribe_url(reader: Reader) -> str:
    """The address that ends e-mails to this member, about a topic or all; whoever has it may do no more."""
    said = [reader.tenant_id, reader.member_id, *([reader.topic] if reader.topic else [])]
    token = _signer().sign_object(said)
    return f"{settings.PUBLIC_URL.rstrip('/')}/{PATH}/{token}/"


def reader_of(token: str) -> Reader:
    """Whose link it is; raises NotFound for a link that we did not write."""
    try:
        tenant_id, member_id, *topic = _signer().unsign_object(token)
    except signing.BadSignature as error:
        raise NotFound("This link is not complete.", hint="Copy it from the e-mail as a whole.") from error
    return Reader(tenant_id, member_id, *topic)


def reading_member(reader: Reader) -> Member:
    """The member, in the tenant's scope; raises NotFound once there is no such member any more."""
    member = Member.objects.filter(pk=reader.member_id).first()
    if member is None:
        raise NotFound("You are no longer a member here.", hint="There is nothing left to stop.")
    return member


def wants_emails(member: Member, topic: str = EVERY_TOPIC) -> bool:
    """Whether the member gets e-mails about a topic; without one, as far as no topic is concerned."""
    off = declined([member.pk], Channel.EMAIL)
    return not off.get((member.pk, topic), off.get((member.pk, EVERY_TOPIC), False))


def choose_emails(member: Member, wanted: bool, topic: str = EVERY_TOPIC) -> None:
    """Turn e-mails on or off for the member. Off without a topic is off for every one, also for those turned on."""
    if not wanted and topic == EVERY_TOPIC:
        NotificationPreference.objects.filter(member=member, channel=Channel.EMAIL).exclude(topic=EVERY_TOPIC).delete()
    set_preference(member.pk, Channel.EMAIL, wanted, topic)


def _signer() -> signing.Signer:
    """Without a time: a link works for ever, and a message that is sent again has the same bytes."""
    return signing.Signer(salt=_SALT)
