"""Users.xml: members, with their reputation as XP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Sum

from decommerce.community.importing.html_text import html_to_text
from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable
from decommerce.community.importing.stackexchange.identity import COMMUNITY_USER, external
from decommerce.community.importing.tally import Tally
from decommerce.community.models import Member, XpEntry
from decommerce.community.services.members import announce_members
from decommerce.community.services.xp import MAX_AMOUNT, XpAward, award_xp
from decommerce.community.upsert import upsert

FIELDS = ("display_name", "location", "bio", "joined_at", "last_active_at")
REPUTATION = "se:reputation:"


def import_users(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring members up to date."""
    members: list[Member] = []
    reputations: dict[str | None, int] = {}
    for row in rows:
        try:
            member = _member(row, tally)
            if member is not None:
                reputations[member.external_id] = row.whole("Reputation")
                members.append(member)
        except RowUnreadable as fault:
            tally.skip(str(fault))
    result = upsert(members, "external_id", FIELDS)
    tally.add(result)
    _book({row.pk: reputations[external_id] for external_id, row in result.stored.items()}, emit=emit)
    if emit:
        announce_members("member.joined", [row.pk for row in result.created])


def _member(row: Row, tally: Tally) -> Member | None:
    number = row.whole("Id")
    if number == COMMUNITY_USER:
        tally.skip("the site's own community user")
        return None
    return Member(
        external_id=external(number),
        display_name=row.text("DisplayName", 120) or f"user{number}",
        location=row.text("Location", 120),
        bio=html_to_text(row.text("AboutMe")),
        joined_at=row.instant("CreationDate"),
        last_active_at=row.optional_instant("LastAccessDate"),
    )


def _book(reputations: dict[int, int], *, emit: bool) -> None:
    """Book the difference between a member's reputation and what earlier imports booked of it."""
    entries = XpEntry.objects.filter(member_id__in=reputations, idem_key__startswith=REPUTATION)
    booked = dict(entries.values("member_id").annotate(sum=Sum("amount")).values_list("member_id", "sum"))
    award_xp(
        [award for pk, total in reputations.items() for award in _awards(pk, booked.get(pk, 0), total)], announce=emit
    )


def _awards(member_id: int, before: int, total: int) -> Iterator[XpAward]:
    """What takes the booked reputation to its new total, in steps that the ledger takes: some have millions."""
    while before != total:
        step = max(-MAX_AMOUNT, min(total - before, MAX_AMOUNT))
        key = f"{REPUTATION}{member_id}:{before}>{before + step}"
        yield XpAward(member_id, step, "Reputation on Stack Exchange", key)
        before += step
