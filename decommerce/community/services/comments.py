"""Comments under posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from decommerce.community.alteration import add
from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_once
from decommerce.community.models import Comment, Member, MemberStatus, Post, PostStatus
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
    """`outcome`: created, duplicate (of `comment_id`), post_not_found, post_removed, author_not_found,
    author_suspended, body_empty or body_too_long."""

    comment_id: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class CommentRemoved:
    """`outcome`: removed, not_by_an_app or not_found."""

    comment_id: int
    outcome: str


def create_comments(news: Sequence[NewComment]) -> list[CommentResult]:
    """Write comments; emits comment.created for each that is new."""
    posts = _statuses(Post, {new.post_id for new in news})
    authors = _statuses(Member, {new.author_id for new in news})
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


def remove_comments(comment_ids: Sequence[int]) -> list[CommentRemoved]:
    """Delete comments that apps wrote, known by their `idem_key`; what members wrote stays."""
    held = Comment.objects.filter(pk__in=set(comment_ids)).select_for_update().order_by("pk")
    rows = {row.pk: row for row in held.only("post", "idem_key")}
    results = []
    gone: dict[int, Comment] = {}
    for pk in comment_ids:
        row = rows.get(pk)
        if row is None or pk in gone:
            results.append(CommentRemoved(pk, "not_found"))
        elif row.idem_key is None:
            results.append(CommentRemoved(pk, "not_by_an_app"))
        else:
            gone[pk] = row
            results.append(CommentRemoved(pk, "removed"))
    Comment.objects.filter(pk__in=list(gone)).delete()
    add(Post, "comment_count", {post: -count for post, count in Counter(row.post_id for row in gone.values()).items()})
    return results


def count_comments(written: Sequence[Comment]) -> None:
    """Add new comments to their posts' `comment_count`."""
    add(Post, "comment_count", Counter(row.post_id for row in written))


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


def _statuses(model: type[Post] | type[Member], keys: Collection[int]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=keys).values_list("pk", "status"))


def _refusal(new: NewComment, posts: Mapping[int, str], authors: Mapping[int, str]) -> str:
    if new.post_id not in posts:
        return "post_not_found"
    if posts[new.post_id] == PostStatus.REMOVED:
        return "post_removed"
    if new.author_id not in authors:
        return "author_not_found"
    if authors[new.author_id] == MemberStatus.SUSPENDED:
        return "author_suspended"
    if not storable(new.body).strip():
        return "body_empty"
    return "body_too_long" if len(new.body) > MAX_BODY else ""


def _row(new: NewComment) -> Comment:
    key = None if new.idem_key is None else stored_key(new.idem_key)
    return Comment(post_id=new.post_id, author_id=new.author_id, body=storable(new.body), idem_key=key)
