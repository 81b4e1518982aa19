"""Comments under posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_once
from decommerce.community.models import Comment, Member, MemberStatus, Post
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons, touch
from decommerce.community.services.posts import subject_payload

MAX_BODY = 16_384


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to be written; `idem_key` lets it be written once only."""

    post_id: int
    author_id: int
    body: str
    idem_key: str | None = None


@dataclass(frozen=True, slots=True)
class CommentResult:
    """`outcome`: created, duplicate (of `comment_id`), post_not_found, author_not_found, body_empty, body_too_long."""

    comment_id: int | None
    outcome: str


def create_comments(news: Sequence[NewComment]) -> list[CommentResult]:
    """Write comments; emits comment.created for each that is new."""
    posts = set(Post.objects.filter(pk__in={new.post_id for new in news}).values_list("pk", flat=True))
    writers = Member.objects.filter(pk__in={new.author_id for new in news}, status=MemberStatus.ACTIVE)
    authors = set(writers.values_list("pk", flat=True))
    refusals = [_refusal(new, posts, authors) for new in news]
    rows = [None if refusal else _row(new) for new, refusal in zip(news, refusals, strict=True)]
    possible = [row for row in rows if row is not None]
    inserted = insert_once(possible)
    if inserted.new:
        count_comments(inserted.new)
        touch({row.author_id for row in inserted.new}, timezone.now())
        announce_comments(inserted.new)
    return [
        CommentResult(None, refusal) if row is None else CommentResult(*inserted.place(row))
        for row, refusal in zip(rows, refusals, strict=True)
    ]


def count_comments(written: Sequence[Comment]) -> None:
    """Add new comments to their posts' `comment_count`; a statement for each different number."""
    posts_by_number: dict[int, list[int]] = {}
    for post_id, number in Counter(row.post_id for row in written).items():
        posts_by_number.setdefault(number, []).append(post_id)
    for number, post_ids in posts_by_number.items():
        Post.objects.filter(pk__in=post_ids).update(comment_count=F("comment_count") + number)


def announce_comments(comments: Sequence[Comment]) -> None:
    """Emit comment.created for comments that were just written."""
    posts = Post.objects.in_bulk({comment.post_id for comment in comments})
    authors = persons(comment.author_id for comment in comments)
    emit_many(
        [
            NewEvent(
                "comment.created",
                {
                    "comment": {
                        "id": comment.pk,
                        "body": comment.body,
                        "post_id": comment.post_id,
                        "author_id": comment.author_id,
                    },
                    "post": subject_payload(posts[comment.post_id]),
                    "author": authors[comment.author_id],
                },
                f"comment/{comment.pk}",
                f"comment.created:{comment.pk}",
            )
            for comment in comments
        ]
    )


def _refusal(new: NewComment, posts: Collection[int], authors: Collection[int]) -> str:
    if new.post_id not in posts:
        return "post_not_found"
    if new.author_id not in authors:
        return "author_not_found"
    if not storable(new.body).strip():
        return "body_empty"
    return "body_too_long" if len(new.body) > MAX_BODY else ""


def _row(new: NewComment) -> Comment:
    key = None if new.idem_key is None else stored_key(new.idem_key)
    return Comment(post_id=new.post_id, author_id=new.author_id, body=storable(new.body), idem_key=key)
