"""Awarding XP: a ledger, and the sum of it at each member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isqrt
from typing import Any

from django.utils import timezone

from decommerce.community.alteration import store
from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_new
from decommerce.community.models import Member, XpEntry
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import HOUSE, person
from decommerce.tenancy.cause import current_cause

MAX_AMOUNT = 1_000_000
MAX_TOTAL = 2_000_000_000
XP_OF_SECOND_LEVEL = 100


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
    rows = [None if refusal else _row(award) for award, refusal in zip(awards, refusals, strict=True)]
    possible = [row for row in rows if row is not None]
    inserted = insert_new(possible)
    booked = [row for row in possible if row.pk in inserted]
    events = [_book(row, members[row.member_id]) for row in booked]
    if booked:
        store([members[pk] for pk in {row.member_id for row in booked}], ["xp", "level"])
        emit_many(events if announce else [])
    return [
        XpResult(award.member_id, refusal)
        if row is None
        else _result(members[row.member_id], "awarded" if row.pk in inserted else "duplicate")
        for award, refusal, row in zip(awards, refusals, rows, strict=True)
    ]


def _locked(member_ids: set[int]) -> dict[int, Member]:
    """Locked in one order everywhere, so that two batches wait for each other and never lock up.

    The one in whose name the platform writes is nobody who could earn XP.
    """
    people = Member.objects.with_role().filter(pk__in=member_ids).exclude(external_id=HOUSE)
    rows = people.only("email", "display_name", "xp", "level")
    return {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}


def _refusal(award: XpAward, members: Mapping[int, Member]) -> str:
    member = members.get(award.member_id)
    if member is None:
        return "not_found"
    if award.amount == 0:
        return "zero"
    too_much = abs(award.amount) > MAX_AMOUNT or abs(member.xp + award.amount) > MAX_TOTAL
    return "too_much" if too_much else ""


def _row(award: XpAward) -> XpEntry:
    return XpEntry(
        member_id=award.member_id,
        amount=award.amount,
        reason=storable(award.reason)[:200],
        idem_key=stored_key(award.idem_key),
        app_id=current_cause().app_id,
        created_at=award.booked_at or timezone.now(),
    )


def _book(row: XpEntry, member: Member) -> NewEvent:
    previous = member.level
    member.xp += row.amount
    member.level = level_of(member.xp)
    data: dict[str, Any] = {
        "member": person(member),
        "xp": {
            "amount": row.amount,
            "reason": row.reason,
            "total": member.xp,
            "level": member.level,
            "previous_level": previous,
        },
    }
    return NewEvent("xp.awarded", data, f"member/{member.pk}", f"xp.awarded:{row.pk}")


def _result(member: Member, outcome: str) -> XpResult:
    return XpResult(member.pk, outcome, member.xp, member.level)
