"""Posts: writing, editing, changing their status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Greatest
from django.utils import timezone

from decommerce.community.exact_json import storable
from decommerce.community.idempotency import stored_key
from decommerce.community.insertion import insert_once
from decommerce.community.models import Member, MemberStatus, Post, PostKind, PostStatus, Room, RoomStatus
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons, touch
from decommerce.community.services.statuses import StatusChange, StatusChanged, change_statuses
from decommerce.community.values import checked
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.errors import PlatformError

MAX_TITLE = 300
MAX_BODY = 65_536
# Why a post cannot be written, in words for people.
REFUSALS: Mapping[str, str] = {
    "author_not_found": "There is no such member to write it.",
    "author_suspended": "The author is suspended.",
    "room_not_found": "There is no such room.",
    "room_archived": "The room is archived.",
    "parent_not_found": "There is no such post to answer.",
    "body_empty": "A post needs a text.",
    "body_too_long": f"A post has at most {MAX_BODY} characters.",
    "title_too_long": f"A title has at most {MAX_TITLE} characters.",
}


class PostRefused(PlatformError):
    """A post cannot be written; `code` is one of REFUSALS."""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be written. `parent_id` makes it an answer; `idem_key` lets it be written once only."""

    author_id: int
    body: str
    title: str = ""
    room_id: int | None = None
    parent_id: int | None = None
    kind: str = PostKind.POST
    status: str = PostStatus.PUBLISHED
    idem_key: str | None = None


@dataclass(frozen=True, slots=True)
class PostResult:
    """`outcome`: created, duplicate (of `post_id`), or a word of REFUSALS."""

    post_id: int | None
    outcome: str


def create_post(
    *, author_id: int, body: str, title: str = "", room_id: int | None = None, parent_id: int | None = None
) -> Post:
    """Write one post; raises PostRefused."""
    kind = PostKind.ANSWER if parent_id is not None else PostKind.POST
    new = NewPost(author_id, body, title, room_id=room_id, parent_id=parent_id, kind=kind)
    result = create_posts([new])[0]
    if result.post_id is None:
        raise PostRefused(REFUSALS[result.outcome], code=result.outcome)
    return Post.objects.get(pk=result.post_id)


def create_posts(news: Sequence[NewPost]) -> list[PostResult]:
    """Write posts; emits post.created for each that is new."""
    ground = _Ground.of(news)
    refusals = [ground.refusal(new) for new in news]
    rows = [None if refusal else _row(new) for new, refusal in zip(news, refusals, strict=True)]
    possible = [row for row in rows if row is not None]
    inserted = insert_once(possible)
    if inserted.new:
        _note_activity(inserted.new)
        announce_posts(inserted.new)
    return [
        PostResult(None, refusal) if row is None else PostResult(*inserted.place(row))
        for row, refusal in zip(rows, refusals, strict=True)
    ]


def edit_post(post_id: int, *, title: str | None = None, body: str | None = None) -> Post:
    """Change a post's title or body; raises PostRefused. Emits post.updated where something changed."""
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise PostRefused("There is no such post.", code="not_found")
    wanted = {
        "title": post.title if title is None else storable(title),
        "body": post.body if body is None else storable(body),
    }
    refusal = _text_refusal(wanted["title"], wanted["body"])
    if refusal:
        raise PostRefused(REFUSALS[refusal], code=refusal)
    changed = [name for name, value in wanted.items() if getattr(post, name) != value]
    if changed:
        post.title, post.body, post.body_length = wanted["title"], wanted["body"], len(wanted["body"])
        post.updated_at = timezone.now()
        post.save(update_fields=["title", "body", "body_length", "updated_at"])
        _announce("post.updated", [post], {post.pk: {"changed": changed}})
    return post


def set_post_status(changes: Sequence[StatusChange]) -> list[StatusChanged]:
    """Publish, hide, review or remove posts; emits post.status_changed for those whose status is new."""
    done = change_statuses(Post, changes, touched="updated_at")
    if done.changed:
        extra = {pk: {"previous_status": status} for pk, status in done.previous.items()}
        _announce("post.status_changed", done.changed, extra)
    return done.results


def announce_posts(posts: Sequence[Post]) -> None:
    """Emit post.created for posts that were just written."""
    _announce("post.created", posts, {})


def post_payload(post: Post) -> dict[str, Any]:
    """A post as events name it."""
    return {
        "id": post.pk,
        "title": post.title,
        "body": post.body,
        "body_length": post.body_length,
        "status": post.status,
        "score": post.score,
        "room_id": post.room_id,
        "author_id": post.author_id,
    }


def subject_payload(post: Post) -> dict[str, Any]:
    """A post as the events of its comments and reactions name it."""
    return {"id": post.pk, "title": post.title, "author_id": post.author_id, "score": post.score}


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a batch of new posts stands on."""

    authors: Mapping[int, str]
    rooms: Mapping[int, str]
    parents: frozenset[int]

    @classmethod
    def of(cls, news: Sequence[NewPost]) -> _Ground:
        authors = Member.objects.filter(pk__in={new.author_id for new in news})
        rooms = Room.objects.filter(pk__in={new.room_id for new in news if new.room_id is not None})
        parents = Post.objects.filter(pk__in={new.parent_id for new in news if new.parent_id is not None})
        return cls(
            dict(authors.values_list("pk", "status")),
            dict(rooms.values_list("pk", "status")),
            frozenset(parents.values_list("pk", flat=True)),
        )

    def refusal(self, new: NewPost) -> str:
        """A word of REFUSALS, or nothing."""
        if new.author_id not in self.authors:
            return "author_not_found"
        if self.authors[new.author_id] == MemberStatus.SUSPENDED:
            return "author_suspended"
        if new.room_id is not None and new.room_id not in self.rooms:
            return "room_not_found"
        if new.room_id is not None and self.rooms[new.room_id] == RoomStatus.ARCHIVED:
            return "room_archived"
        if new.parent_id is not None and new.parent_id not in self.parents:
            return "parent_not_found"
        return _text_refusal(new.title, new.body)


def _text_refusal(title: str, body: str) -> str:
    if not storable(body).strip():
        return "body_empty"
    if len(body) > MAX_BODY:
        return "body_too_long"
    return "title_too_long" if len(title) > MAX_TITLE else ""


def _row(new: NewPost) -> Post:
    body = storable(new.body)
    return Post(
        author_id=new.author_id,
        room_id=new.room_id,
        parent_id=new.parent_id,
        kind=checked(Post, "kind", new.kind),
        status=checked(Post, "status", new.status),
        title=storable(new.title),
        body=body,
        body_length=len(body),
        app_id=current_cause().app_id,
        idem_key=None if new.idem_key is None else stored_key(new.idem_key),
    )


def _note_activity(posts: Sequence[Post]) -> None:
    now = timezone.now()
    touch({post.author_id for post in posts}, now)
    rooms = {post.room_id for post in posts if post.room_id is not None}
    if rooms:
        Room.objects.filter(pk__in=rooms).update(last_activity_at=Greatest("last_activity_at", now))


def _announce(name: str, posts: Sequence[Post], extra: Mapping[int, Mapping[str, Any]]) -> None:
    authors = persons(post.author_id for post in posts)
    created = name == "post.created"
    emit_many(
        [
            NewEvent(
                name,
                {"post": post_payload(post), "author": authors[post.author_id], **extra.get(post.pk, {})},
                f"post/{post.pk}",
                f"{name}:{post.pk}" if created else None,
            )
            for post in posts
        ]
    )
