"""Events of rooms and of what members write in them."""

from __future__ import annotations

from decommerce.community.event_catalogue.event import PlatformEvent
from decommerce.community.event_catalogue.people import PERSON, PERSON_SAMPLE
from decommerce.community.event_catalogue.schemas import (
    COUNT,
    ID,
    INTEGER,
    OPTIONAL_ID,
    TEXT,
    WORDS,
    one_of,
    record,
)

STATUS = one_of("published", "hidden", "review", "removed")
POST = record(
    id=ID, title=TEXT, body=TEXT, body_length=COUNT, status=STATUS, score=INTEGER, room_id=OPTIONAL_ID, author_id=ID
)
POST_SAMPLE = {
    "id": 812,
    "title": "Boots for wet autumn trails?",
    "body": "Which boots do you trust on wet roots?",
    "body_length": 38,
    "status": "published",
    "score": 0,
    "room_id": 4,
    "author_id": 31,
}
WRITTEN = ("post.title", "post.body", "author.display_name")
# The post that a comment or a reaction belongs to.
SUBJECT = record(id=ID, title=TEXT, author_id=ID, score=INTEGER)
SUBJECT_SAMPLE = {"id": 812, "title": "Boots for wet autumn trails?", "author_id": 31, "score": 3}

ROOM = record(id=ID, name=TEXT, slug=TEXT, description=TEXT, status=one_of("active", "archived"))
ROOM_SAMPLE = {"id": 4, "name": "Gear", "slug": "gear", "description": "What to carry.", "status": "active"}

POST_EVENTS = (
    PlatformEvent(
        "post.created",
        "someone writes a post",
        record(post=POST, author=PERSON),
        {"post": POST_SAMPLE, "author": PERSON_SAMPLE},
        WRITTEN,
    ),
    PlatformEvent(
        "post.updated",
        "a post is edited",
        record(post=POST, author=PERSON, changed=WORDS),
        {"post": POST_SAMPLE, "author": PERSON_SAMPLE, "changed": ["body"]},
        WRITTEN,
    ),
    PlatformEvent(
        "post.flagged",
        "a post is flagged for the moderators",
        record(
            post=POST,
            author=PERSON,
            flag=record(id=ID, reason=TEXT, severity=one_of("low", "medium", "high"), raised_by=TEXT),
        ),
        {
            "post": POST_SAMPLE,
            "author": PERSON_SAMPLE,
            "flag": {"id": 7, "reason": "Very short", "severity": "low", "raised_by": "Low-quality post detector"},
        },
        (*WRITTEN, "flag.reason"),
    ),
    PlatformEvent(
        "post.status_changed",
        "a post is hidden, reviewed, removed or published again",
        record(post=POST, author=PERSON, previous_status=STATUS),
        {"post": {**POST_SAMPLE, "status": "hidden"}, "author": PERSON_SAMPLE, "previous_status": "published"},
        WRITTEN,
    ),
)

CONVERSATION_EVENTS = (
    PlatformEvent(
        "comment.created",
        "someone comments on a post",
        record(comment=record(id=ID, body=TEXT, post_id=ID, author_id=ID), post=SUBJECT, author=PERSON),
        {
            "comment": {"id": 95, "body": "Mine are ten years old.", "post_id": 812, "author_id": 31},
            "post": SUBJECT_SAMPLE,
            "author": PERSON_SAMPLE,
        },
        ("comment.body", "post.title", "author.display_name"),
    ),
    PlatformEvent(
        "reaction.added",
        "someone reacts to a post",
        record(reaction=record(id=ID, kind=TEXT, post_id=ID, member_id=ID), post=SUBJECT, member=PERSON),
        {
            "reaction": {"id": 5, "kind": "like", "post_id": 812, "member_id": 31},
            "post": SUBJECT_SAMPLE,
            "member": PERSON_SAMPLE,
        },
        ("post.title", "member.display_name"),
    ),
)

ROOM_EVENTS = (
    PlatformEvent("room.created", "a room is opened", record(room=ROOM), {"room": ROOM_SAMPLE}),
    PlatformEvent(
        "room.member_joined",
        "someone enters a room",
        record(room=ROOM, member=PERSON),
        {"room": ROOM_SAMPLE, "member": PERSON_SAMPLE},
        ("member.display_name",),
    ),
    PlatformEvent(
        "room.archived",
        "a room is archived",
        record(room=ROOM),
        {"room": {**ROOM_SAMPLE, "status": "archived"}},
    ),
    PlatformEvent("room.reopened", "an archived room is opened again", record(room=ROOM), {"room": ROOM_SAMPLE}),
)

CONTENT_EVENTS = (*POST_EVENTS, *CONVERSATION_EVENTS, *ROOM_EVENTS)
