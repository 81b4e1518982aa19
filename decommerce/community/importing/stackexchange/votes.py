"""Votes.xml: reactions. A dump does not tell who voted up or down, so those have no member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable
from decommerce.community.importing.stackexchange.identity import external, keys_of, number
from decommerce.community.importing.tally import Tally
from decommerce.community.models import Member, Post, Reaction
from decommerce.community.services.reactions import announce_reactions
from decommerce.community.upsert import upsert

# The kinds of vote that are reactions; the others (closing, deleting, bounties, spam) are the moderators' business.
KINDS: Mapping[int, str] = {1: "accepted", 2: "upvote", 3: "downvote", 5: "favourite"}


def import_votes(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring reactions up to date. Posts keep the score that the dump gives them."""
    posts = keys_of(Post, [number(row, "PostId") for row in rows])
    members = keys_of(Member, [number(row, "UserId") for row in rows])
    reactions = [_reaction(row, posts, members, tally) for row in rows]
    result = upsert([reaction for reaction in reactions if reaction is not None], "external_id", ["kind", "created_at"])
    tally.add(result)
    if emit:
        announce_reactions(result.created)


def _reaction(row: Row, posts: Mapping[int, int], members: Mapping[int, int], tally: Tally) -> Reaction | None:
    try:
        kind, post = KINDS.get(row.whole("VoteTypeId")), row.whole("PostId")
        if kind is None:
            tally.skip("which moderate rather than react")
            return None
        if post not in posts:
            tally.skip("for a post that was left out or deleted")
            return None
        return Reaction(
            external_id=external(row.whole("Id")),
            post_id=posts[post],
            member_id=members.get(row.optional_whole("UserId") or 0),
            kind=kind,
            created_at=row.instant("CreationDate"),
        )
    except RowUnreadable as fault:
        tally.skip(str(fault))
        return None
