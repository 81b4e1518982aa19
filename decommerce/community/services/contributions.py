"""Recording what members did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from decommerce.community.insertion import insert_new
from decommerce.community.models import Contribution, Post
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons
from decommerce.community.values import checked


@dataclass(frozen=True, slots=True)
class NewContribution:
    """A contribution to be recorded; `external_id` lets it be recorded once only."""

    member_id: int
    kind: str
    title: str
    points: int = 0
    post_id: int | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ContributionResult:
    """`outcome`: created, duplicate, member_not_found or post_not_found."""

    contribution_id: int | None
    outcome: str


def record_contributions(news: Sequence[NewContribution]) -> list[ContributionResult]:
    """Record contributions; emits contribution.created for each that is new. Raises ValueInvalid."""
    people = persons(new.member_id for new in news)
    wanted = {new.post_id for new in news if new.post_id is not None}
    posts = {None, *Post.objects.filter(pk__in=wanted).values_list("pk", flat=True)}
    rows = [_row(new) if new.member_id in people and new.post_id in posts else None for new in news]
    possible = [row for row in rows if row is not None]
    inserted = insert_new(possible)
    announce_contributions([row for row in possible if row.pk in inserted])
    return [
        ContributionResult(None, "member_not_found" if new.member_id not in people else "post_not_found")
        if row is None
        else ContributionResult(row.pk, "created")
        if row.pk in inserted
        else ContributionResult(None, "duplicate")
        for new, row in zip(news, rows, strict=True)
    ]


def announce_contributions(rows: Sequence[Contribution]) -> None:
    """Emit contribution.created for contributions that were just recorded."""
    people = persons(row.member_id for row in rows)
    emit_many(
        [
            NewEvent(
                "contribution.created",
                {
                    "contribution": {
                        "id": row.pk,
                        "kind": row.kind,
                        "title": row.title,
                        "points": row.points,
                        "post_id": row.post_id,
                    },
                    "member": people[row.member_id],
                },
                f"contribution/{row.pk}",
                f"contribution.created:{row.pk}",
            )
            for row in rows
        ]
    )


def _row(new: NewContribution) -> Contribution:
    return Contribution(
        member_id=new.member_id,
        post_id=new.post_id,
        kind=checked(Contribution, "kind", new.kind),
        title=checked(Contribution, "title", new.title),
        points=checked(Contribution, "points", new.points),
        external_id=new.external_id,
    )
