"""Reactions to posts, and the score that follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from decommerce.community.alteration import add
from decommerce.community.insertion import insert_new
from decommerce.community.models import Post, Reaction
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons, touch
from decommerce.community.services.posts import subject_payload
from decommerce.community.values import checked

# What a reaction is worth to its post; a kind that is not listed is worth nothing.
WORTH: Mapping[str, int] = {"like": 1, "upvote": 1, "downvote": -1}


@dataclass(frozen=True, slots=True)
class NewReaction:
    """A member reacts to a post; once with each kind."""

    post_id: int
    member_id: int
    kind: str = "like"


@dataclass(frozen=True, slots=True)
class ReactionResult:
    """`outcome`: added, already_there, post_not_found or member_not_found."""

    reaction_id: int | None
    outcome: str


def add_reactions(news: Sequence[NewReaction]) -> list[ReactionResult]:
    """Add reactions, bring the posts' scores up to date; emits reaction.added for each that is new."""
    posts = Post.objects.in_bulk({new.post_id for new in news})
    people = persons(new.member_id for new in news)
    rows = [_row(new) if new.post_id in posts and new.member_id in people else None for new in news]
    possible = [row for row in rows if row is not None]
    inserted = insert_new(possible)
    added = [row for row in possible if row.pk in inserted]
    if added:
        _score(added, posts)
        touch({row.member_id for row in added}, timezone.now())
        _announce(added, posts, people)
    return [
        ReactionResult(None, "post_not_found" if new.post_id not in posts else "member_not_found")
        if row is None
        else ReactionResult(row.pk, "added")
        if row.pk in inserted
        else ReactionResult(None, "already_there")
        for new, row in zip(news, rows, strict=True)
    ]


def _row(new: NewReaction) -> Reaction:
    return Reaction(post_id=new.post_id, member_id=new.member_id, kind=checked(Reaction, "kind", new.kind))


def _score(added: Sequence[Reaction], posts: Mapping[int, Post]) -> None:
    gains = Counter[int]()
    for row in added:
        gains[row.post_id] += WORTH.get(row.kind, 0)
    for post_id, gain in gains.items():
        posts[post_id].score += gain
    add(Post, "score", gains)


def announce_reactions(added: Sequence[Reaction]) -> None:
    """Emit reaction.added for reactions that were just added, as far as it is known whose they are."""
    known = [row for row in added if row.member_id is not None]
    _announce(known, Post.objects.in_bulk([row.post_id for row in known]), persons(row.member_id for row in known))


def _announce(added: Sequence[Reaction], posts: Mapping[int, Post], people: Mapping[int, dict]) -> None:
    emit_many(
        [
            NewEvent(
                "reaction.added",
                {
                    "reaction": {
                        "id": row.pk,
                        "kind": row.kind,
                        "post_id": row.post_id,
                        "member_id": row.member_id,
                    },
                    "post": subject_payload(posts[row.post_id]),
                    "member": people[row.member_id],
                },
                f"post/{row.post_id}",
                f"reaction.added:{row.pk}",
            )
            for row in added
        ]
    )
