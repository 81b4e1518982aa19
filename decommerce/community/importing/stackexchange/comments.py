"""Comments.xml: comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable
from decommerce.community.importing.stackexchange.identity import authorless, external, keys_of, number
from decommerce.community.importing.tally import Tally
from decommerce.community.models import Comment, Member, Post
from decommerce.community.services.comments import announce_comments, count_comments
from decommerce.community.upsert import upsert

FIELDS = ("body", "score", "created_at")


def import_comments(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring comments up to date, and the count of them at their posts."""
    posts = keys_of(Post, [number(row, "PostId") for row in rows])
    authors = keys_of(Member, [number(row, "UserId") for row in rows])
    comments = [_comment(row, posts, authors, tally) for row in rows]
    result = upsert([comment for comment in comments if comment is not None], "external_id", FIELDS)
    tally.add(result)
    count_comments(result.created)
    if emit:
        announce_comments(result.created)


def _comment(row: Row, posts: Mapping[int, int], authors: Mapping[int, int], tally: Tally) -> Comment | None:
    try:
        post, author = row.whole("PostId"), row.optional_whole("UserId")
        if post not in posts:
            tally.skip("under a post that was left out or deleted")
            return None
        if author not in authors:
            tally.skip(authorless(author))
            return None
        return Comment(
            external_id=external(row.whole("Id")),
            post_id=posts[post],
            author_id=authors[author],
            body=row.text("Text"),
            score=row.optional_whole("Score") or 0,
            created_at=row.instant("CreationDate"),
        )
    except RowUnreadable as fault:
        tally.skip(str(fault))
        return None
