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
# RFC 2606 keeps this domain free of people: mail to it reaches nobody.
MADE_UP_ADDRESS = "user-{number}@example.org"


def import_users(rows: Sequence[Row], tally: Tally, *, emit: bool, addresses: bool = False) -> None:
    """Bring members up to date. With `addresses`, new ones get a made-up address: dumps have none."""
    members: list[Member] = []
    reputations: dict[str | None, int] = {}
    for row in rows:
        try:
            member = _member(row, tally, addresses=addresses)
            if member is not None:
                reputations[member.external_id] = row.whole("Reputation")
                members.append(member)
        except RowUnreadable as fault:
            tally.skip(str(fault))
    result = upsert(members, "external_id", FIELDS)
    tally.add(result)
    _book({row: reputations[external_id] for external_id, row in result.stored.items()}, emit=emit)
    if emit:
        announce_members("member.joined", [row.pk for row in result.created])


def _member(row: Row, tally: Tally, *, addresses: bool) -> Member | None:
    number = row.whole("Id")
    if number == COMMUNITY_USER:
        tally.skip("the site's own community user")
        return None
    return Member(
        external_id=external(number),
        display_name=row.text("DisplayName", 120) or f"user{number}",
        email=MADE_UP_ADDRESS.format(number=number) if addresses else None,
        location=row.text("Location", 120),
        bio=html_to_text(row.text("AboutMe")),
        joined_at=row.instant("CreationDate"),
        last_active_at=row.optional_instant("LastAccessDate"),
    )


def _book(reputations: dict[Member, int], *, emit: bool) -> None:
    """Book the difference between a member's reputation and what earlier imports booked of it."""
    entries = XpEntry.objects.filter(member__in=reputations, idem_key__startswith=REPUTATION)
    booked = dict(entries.values("member_id").annotate(sum=Sum("amount")).values_list("member_id", "sum"))
    award_xp(
        [award for member, total in reputations.items() for award in _awards(member, booked.get(member.pk), total)],
        announce=emit,
    )


def _awards(member: Member, booked: int | None, total: int) -> Iterator[XpAward]:
    """What takes the booked reputation to its new total, in steps that the ledger takes: some have millions.

    Dumps do not say when it was earned. What they had when they came here is booked on the day they joined, so that it
    does not look like the work of this week; what is new since then is booked now.
    """
    before, booked_at = booked or 0, member.joined_at if booked is None else None
    while before != total:
        step = max(-MAX_AMOUNT, min(total - before, MAX_AMOUNT))
        key = f"{REPUTATION}{member.pk}:{before}>{before + step}"
        yield XpAward(member.pk, step, "Reputation on Stack Exchange", key, booked_at)
        before += step
