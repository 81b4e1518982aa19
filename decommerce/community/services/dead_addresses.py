"""Addresses that mail comes back from: marked by what a mail server said, taken off the list by an admin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from decommerce.community.exact_json import storable
from decommerce.community.models import DeadAddress
from decommerce.community.services.members import audience
from decommerce.community.services.notifications import NewNotification, notify
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.principal import Principal

LONGEST_WORDS = 1_000
TITLE, LINK, TOPIC = "E-mails to an address come back", "/mail/", "apps"
# RFC 3463: what says that nobody has the address, and not that one message or one sender was not wanted.
_DEAD = re.compile(r"5\.1\.\d{1,3}|5\.2\.1|5\.4\.4|5\.0\.0")
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """An address that a mail server refused for good: its enhanced status code (RFC 3463), or '', and its words."""

    status: str
    words: str


def is_dead(status: str) -> bool:
    """Whether an enhanced status code says that the address is of no use any more."""
    return _DEAD.fullmatch(status) is not None


def mark_dead(address: str, end: DeadEnd, message_id: str = "") -> None:
    """Write nothing to the address any more; the newest reason is kept, and admins hear of it, once a day.

    Needs the tenant's scope.
    """
    _, is_new = DeadAddress.objects.update_or_create(
        address=address.lower(),
        defaults={
            "status": end.status[:16],
            "words": storable(end.words)[:LONGEST_WORDS],
            "message_id": message_id,
            "marked_at": timezone.now(),
        },
    )
    if is_new:
        _tell_admins()


def _tell_admins() -> None:
    today = timezone.now().date().isoformat()
    body = "A mail server says that nobody has the address. Nothing is sent there any more until you say so."
    notify(
        [
            NewNotification(member, TITLE, body, LINK, TOPIC, idem_key=f"dead-address:{today}:{member}")
            for member in audience("admins")
        ]
    )


def dead_among(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses to which nothing is sent, in lower case."""
    asked = {address.lower() for address in addresses if address}
    return set(DeadAddress.objects.filter(address__in=asked).values_list("address", flat=True)) if asked else set()


def list_dead(principal: Principal, *, limit: int = 100) -> list[DeadAddress]:
    """The list, newest first; for admins, since it holds members' addresses."""
    principal.require("admin")
    return list(DeadAddress.objects.order_by("-marked_at", "-pk")[:limit])


def revive(principal: Principal, number: int) -> None:
    """Write to the address again, such as after its owner has cleared things up; raises NotFound."""
    principal.require("admin")
    found = DeadAddress.objects.filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no such address {number} on the list.", hint="List the addresses again.")
    found.delete()
    record_audit(principal, "address.revived", f"address:{number}", {"status": found.status})
