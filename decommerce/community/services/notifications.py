"""Telling members something, as far as they want to be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_once
from decommerce.community.models import Channel, Member, MemberStatus, Notification, NotificationPreference
from decommerce.community.values import checked
from decommerce.pipelining import send
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.context import current_tenant_id

EVERY_TOPIC = ""
_STANDING = """
SELECT member.id, member.status, preference.topic, preference.enabled FROM community_member member
LEFT JOIN community_notificationpreference preference
    ON preference.tenant_id = member.tenant_id AND preference.member_id = member.id AND preference.channel = %s
WHERE member.tenant_id = %s AND member.id = ANY(%s)
"""
MOST_TOPICS = 100


@dataclass(frozen=True, slots=True)
class NewNotification:
    """A line for a member's inbox; `idem_key` lets it be written once only. A long title is cut."""

    member_id: int
    title: str
    body: str = ""
    link: str = ""
    topic: str = EVERY_TOPIC
    idem_key: str | None = None


@dataclass(frozen=True, slots=True)
class NotificationResult:
    """`outcome`: created, duplicate (of `notification_id`), declined (by preference), suspended or not_found."""

    notification_id: int | None
    outcome: str


def notify(news: Sequence[NewNotification]) -> list[NotificationResult]:
    """Write notifications to those who are there and want them."""
    statuses, off = standing([new.member_id for new in news], Channel.IN_APP)
    refusals = [refusal(new.member_id, new.topic, statuses, off) for new in news]
    rows = [None if refused else _row(new) for new, refused in zip(news, refusals, strict=True)]
    possible = [row for row in rows if row is not None]
    inserted = insert_once(possible)
    return [
        NotificationResult(None, refused) if row is None else NotificationResult(*inserted.place(row))
        for row, refused in zip(rows, refusals, strict=True)
    ]


def mark_read(member_id: int) -> int:
    """Mark all of a member's notifications as read; returns how many were unread."""
    return Notification.objects.filter(member_id=member_id, read_at=None).update(read_at=timezone.now())


def set_preference(member_id: int, channel: str, enabled: bool, topic: str = EVERY_TOPIC) -> None:
    """Turn a channel on or off for a member, for one topic or for all."""
    NotificationPreference.objects.update_or_create(
        member_id=member_id,
        channel=checked(NotificationPreference, "channel", channel),
        topic=checked(NotificationPreference, "topic", topic),
        defaults={"enabled": enabled},
    )


def topics_of(member_id: int) -> list[str]:
    """The topics about which the member was told or chose something, by name."""
    told = Notification.objects.filter(member_id=member_id).exclude(topic=EVERY_TOPIC).values_list("topic", flat=True)
    chosen = NotificationPreference.objects.filter(member_id=member_id).exclude(topic=EVERY_TOPIC)
    return sorted({*told.distinct()[:MOST_TOPICS], *chosen.values_list("topic", flat=True)[:MOST_TOPICS]})


def wants(member_id: int) -> dict[tuple[str, str], bool]:
    """What the member chose, by channel and topic; the empty topic stands for all others. Silence means yes."""
    rows = NotificationPreference.objects.filter(member_id=member_id)
    return {(channel, topic): on for channel, topic, on in rows.values_list("channel", "topic", "enabled")}


def wanting(member_ids: Collection[int], channel: str, topic: str = EVERY_TOPIC) -> set[int]:
    """Those of the members who may be told about `topic` on `channel`: they exist, are active and did not decline."""
    statuses = member_statuses(member_ids)
    off = declined(statuses, channel)
    return {member_id for member_id in member_ids if not refusal(member_id, topic, statuses, off)}


def standing(member_ids: Collection[int], channel: str) -> tuple[dict[int, str], dict[tuple[int, str], bool]]:
    """What `member_statuses` and `declined` say, in one statement."""
    rows = send(_STANDING, [channel, current_tenant_id(), list(set(member_ids))])()
    statuses = {member_id: status for member_id, status, _, _ in rows}
    return statuses, {(member_id, topic): not on for member_id, _, topic, on in rows if topic is not None}


def member_statuses(member_ids: Iterable[int]) -> dict[int, str]:
    """The status of each of the members that exist."""
    return dict(Member.objects.filter(pk__in=set(member_ids)).values_list("pk", "status"))


def declined(member_ids: Collection[int], channel: str) -> dict[tuple[int, str], bool]:
    """For each preference of the members (member id, topic): whether it turns the channel off."""
    rows = NotificationPreference.objects.filter(member_id__in=list(member_ids), channel=channel)
    return {(member_id, topic): not on for member_id, topic, on in rows.values_list("member_id", "topic", "enabled")}


def refusal(member_id: int, topic: str, statuses: Mapping[int, str], off: Mapping[tuple[int, str], bool]) -> str:
    """Why a member is not told: not_found, suspended, declined, or nothing. A topic's own preference goes first."""
    if member_id not in statuses:
        return "not_found"
    if statuses[member_id] == MemberStatus.SUSPENDED:
        return "suspended"
    general = off.get((member_id, EVERY_TOPIC), False)
    return "declined" if off.get((member_id, topic), general) else ""


def _row(new: NewNotification) -> Notification:
    return Notification(
        member_id=new.member_id,
        title=storable(new.title)[:200],
        body=storable(new.body),
        link=storable(new.link)[:500],
        topic=storable(new.topic)[:64],
        app_id=current_cause().app_id,
        idem_key=None if new.idem_key is None else stored_key(new.idem_key),
    )
