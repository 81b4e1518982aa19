"""Badges.xml: contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable
from decommerce.community.importing.stackexchange.identity import authorless, external, keys_of, number
from decommerce.community.importing.tally import Tally
from decommerce.community.models import Contribution, Member
from decommerce.community.services.contributions import announce_contributions
from decommerce.community.upsert import upsert

# What a badge of each class is worth: gold, silver, bronze.
POINTS: Mapping[int, int] = {1: 100, 2: 30, 3: 10}


def import_badges(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring contributions up to date."""
    members = keys_of(Member, [number(row, "UserId") for row in rows])
    badges = [_contribution(row, members, tally) for row in rows]
    result = upsert([badge for badge in badges if badge is not None], "external_id", ["title", "points", "created_at"])
    tally.add(result)
    if emit:
        announce_contributions(result.created)


def _contribution(row: Row, members: Mapping[int, int], tally: Tally) -> Contribution | None:
    try:
        member = row.optional_whole("UserId")
        if member not in members:
            tally.skip(authorless(member))
            return None
        return Contribution(
            external_id=external(row.whole("Id")),
            member_id=members[member],
            kind="badge",
            title=row.text("Name", 200),
            points=POINTS.get(row.optional_whole("Class") or 0, 0),
            created_at=row.instant("Date"),
        )
    except RowUnreadable as fault:
        tally.skip(str(fault))
        return None
