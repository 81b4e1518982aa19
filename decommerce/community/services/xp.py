"""Awarding XP: a ledger, and the sum of it at each member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from math import isqrt
from typing import Any

from django.db import connection
from django.utils import timezone

from decommerce.community.alteration import store_values
from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_values
from decommerce.community.models import Member, XpEntry
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import HOUSE
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.models import Role

MAX_AMOUNT = 1_000_000
MAX_TOTAL = 2_000_000_000
XP_OF_SECOND_LEVEL = 100
_LOCK = """
SELECT member.id, member.display_name, member.email, coalesce(seat.role, %s), member.xp, member.level
FROM community_member member LEFT JOIN tenancy_membership seat ON seat.id = member.membership_id
WHERE member.tenant_id = %s AND member.id = ANY(%s) AND member.external_id IS DISTINCT FROM %s
ORDER BY member.id FOR NO KEY UPDATE OF member
"""


@dataclass(frozen=True, slots=True)
class XpAward:
    """XP to be booked. A negative amount takes XP away; `idem_key` books the deed once only.

    `booked_at` is for importers, which know of deeds long past; None is now.
    """

    member_id: int
    amount: int
    reason: str
    idem_key: str
    booked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class XpResult:
    """`outcome`: awarded, duplicate, not_found, zero or too_much. `total` and `level` are those afterwards."""

    member_id: int
    outcome: str
    total: int | None = None
    level: int | None = None


def level_of(xp: int) -> int:
    """The level that an amount of XP stands for: 2 from 100 XP on, 3 from 400, 4 from 900, and so on."""
    return 1 + isqrt(max(xp, 0) // XP_OF_SECOND_LEVEL)


def award_xp(awards: Sequence[XpAward], *, announce: bool = True) -> list[XpResult]:
    """Book XP; emits xp.awarded for each booking that is new, unless an importer keeps silent."""
    members = _locked({award.member_id for award in awards})
    refusals = [_refusal(award, members) for award in awards]
    possible = [award for award, refusal in zip(awards, refusals, strict=True) if not refusal]
    booked = _booked(possible)
    events = [_book(award, key, members[award.member_id]) for award, (key, is_new) in booked if is_new]
    if events:
        touched = {award.member_id for award, (_, is_new) in booked if is_new}
        store_values(Member, ["xp", "level"], [members[pk].stored() for pk in touched])
        emit_many(events if announce else [])
    outcomes = iter("awarded" if is_new else "duplicate" for _, (_, is_new) in booked)
    return [
        XpResult(award.member_id, refusal) if refusal else members[award.member_id].result(next(outcomes))
        for award, refusal in zip(awards, refusals, strict=True)
    ]


@dataclass(slots=True)
class _Account:
    """A member's XP, held by a lock, and what events tell of the member."""

    member_id: int
    display_name: str
    email: str | None
    role: str
    xp: int
    level: int

    def person(self) -> dict[str, Any]:
        return {"id": self.member_id, "display_name": self.display_name, "email": self.email, "role": self.role}

    def stored(self) -> dict[str, Any]:
        return {"id": self.member_id, "xp": self.xp, "level": self.level}

    def result(self, outcome: str) -> XpResult:
        return XpResult(self.member_id, outcome, self.xp, self.level)


def _locked(member_ids: Set[int]) -> dict[int, _Account]:
    """Locked in one order everywhere, so that two batches wait for each other and never lock up.

    The one in whose name the platform writes is nobody who could earn XP.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(Role.MEMBER), current_tenant_id(), list(member_ids), HOUSE])
        return {row[0]: _Account(*row) for row in cursor.fetchall()}


def _refusal(award: XpAward, members: Mapping[int, _Account]) -> str:
    member = members.get(award.member_id)
    if member is None:
        return "not_found"
    if award.amount == 0:
        return "zero"
    too_much = abs(award.amount) > MAX_AMOUNT or abs(member.xp + award.amount) > MAX_TOTAL
    return "too_much" if too_much else ""


def _booked(awards: Sequence[XpAward]) -> list[tuple[XpAward, tuple[int, bool]]]:
    """Each award with the primary key of its booking and whether that is new."""
    if not awards:
        return []
    app_id, now = current_cause().app_id, timezone.now().isoformat()
    rows = [
        {
            "member_id": award.member_id,
            "amount": award.amount,
            "reason": _reason(award),
            "idem_key": stored_key(award.idem_key),
            "app_id": app_id,
            "created_at": now if award.booked_at is None else award.booked_at.isoformat(),
        }
        for award in awards
    ]
    return list(zip(awards, insert_values(XpEntry, rows), strict=True))


def _reason(award: XpAward) -> str:
    return str(storable(award.reason))[:200]


def _book(award: XpAward, key: int, member: _Account) -> NewEvent:
    previous = member.level
    member.xp += award.amount
    member.level = level_of(member.xp)
    data: dict[str, Any] = {
        "member": member.person(),
        "xp": {
            "amount": award.amount,
            "reason": _reason(award),
            "total": member.xp,
            "level": member.level,
            "previous_level": previous,
        },
    }
    return NewEvent("xp.awarded", data, f"member/{member.member_id}", f"xp.awarded:{key}")
