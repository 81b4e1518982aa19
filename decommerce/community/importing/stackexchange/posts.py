"""Posts.xml: questions first, then their answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Max, Min, OuterRef, Q, Subquery

from decommerce.community.importing.html_text import html_to_text
from decommerce.community.importing.stackexchange.dump import Row, RowUnreadable
from decommerce.community.importing.stackexchange.identity import authorless, external, keys_of, number
from decommerce.community.importing.tally import Tally
from decommerce.community.models import Member, Post, PostKind, Room
from decommerce.community.services.posts import announce_posts
from decommerce.community.upsert import upsert

FIELDS = ("title", "body", "body_length", "score", "room_id", "parent_id", "created_at", "updated_at")
QUESTION, ANSWER = 1, 2
_TAG = re.compile(r"[^<>|]+")


def import_questions(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring the questions among the rows up to date; other kinds than questions and answers are left out."""
    questions = []
    for row in rows:
        kind = row.attributes.get("PostTypeId")
        if kind == str(QUESTION):
            questions.append(row)
        elif kind != str(ANSWER):
            tally.skip("which are the site's own wiki pages")
    names = {tag for row in questions for tag in _tags(row)}
    rooms = dict(Room.objects.filter(name__in=names, external_id__isnull=False).values_list("name", "pk"))
    ground = _Ground(_authors(questions), {}, {})
    posts = [_post(row, PostKind.QUESTION, ground, tally) for row in questions]
    for row, post in zip(questions, posts, strict=True):
        if post is not None:
            post.room_id = next((rooms[tag] for tag in _tags(row) if tag in rooms), None)
    _store([post for post in posts if post is not None], tally, emit=emit)


def import_answers(rows: Sequence[Row], tally: Tally, *, emit: bool) -> None:
    """Bring the answers among the rows up to date. One whose question was left out stands alone."""
    answers = [row for row in rows if row.attributes.get("PostTypeId") == str(ANSWER)]
    parents = keys_of(Post, [number(row, "ParentId") for row in answers])
    rooms = dict(Post.objects.filter(pk__in=parents.values()).values_list("pk", "room_id"))
    ground = _Ground(_authors(answers), parents, rooms)
    posts = [_post(row, PostKind.ANSWER, ground, tally) for row in answers]
    _store([post for post in posts if post is not None], tally, emit=emit)


def note_room_times() -> None:
    """Let rooms begin with their oldest post at the latest, and give them the time of their newest."""
    posts = Post.objects.filter(room_id=OuterRef("pk")).values("room_id")
    oldest, newest = (posts.annotate(at=edge("created_at")).values("at") for edge in (Min, Max))
    rooms = Room.objects.filter(external_id__startswith="se:").annotate(
        oldest=Subquery(oldest), newest=Subquery(newest)
    )
    late = Q(created_at__gt=F("oldest"))
    stale = Q(newest__isnull=False) & (Q(last_activity_at=None) | Q(last_activity_at__lt=F("newest")))
    changed = list(rooms.filter(late | stale))
    for room in changed:
        room.created_at = min(room.created_at, room.oldest)
        room.last_activity_at = max(room.last_activity_at or room.newest, room.newest)
    Room.objects.bulk_update(changed, ["created_at", "last_activity_at"])


@dataclass(frozen=True, slots=True)
class _Ground:
    """Our keys of what posts stand on: authors and parents by their number in the dump, rooms by parent."""

    authors: Mapping[int, int]
    parents: Mapping[int, int]
    rooms: Mapping[int, int | None]


def _post(row: Row, kind: PostKind, ground: _Ground, tally: Tally) -> Post | None:
    try:
        author = row.optional_whole("OwnerUserId")
        if author not in ground.authors:
            tally.skip(authorless(author))
            return None
        parent = ground.parents.get(row.optional_whole("ParentId") or 0)
        body = html_to_text(row.text("Body"))
        created_at = row.instant("CreationDate")
        return Post(
            external_id=external(row.whole("Id")),
            author_id=ground.authors[author],
            kind=kind,
            parent_id=parent,
            room_id=ground.rooms.get(parent) if parent is not None else None,
            title=row.text("Title", 300),
            body=body,
            body_length=len(body),
            score=row.optional_whole("Score") or 0,
            created_at=created_at,
            updated_at=row.optional_instant("LastEditDate") or created_at,
        )
    except RowUnreadable as fault:
        tally.skip(str(fault))
        return None


def _store(posts: Sequence[Post], tally: Tally, *, emit: bool) -> None:
    result = upsert(posts, "external_id", FIELDS)
    tally.add(result)
    if emit:
        announce_posts(result.created)


def _authors(rows: Sequence[Row]) -> dict[int, int]:
    return keys_of(Member, [number(row, "OwnerUserId") for row in rows])


def _tags(row: Row) -> list[str]:
    return _TAG.findall(row.text("Tags"))
