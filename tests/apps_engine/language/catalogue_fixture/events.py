"""What may happen in the tests of the language."""

from __future__ import annotations

from apps_engine.language.catalogue import EventSpec
from tests.apps_engine.language.catalogue_fixture.schemas import NUMBER, schema

MEMBER = {
    "type": "object",
    "properties": {
        "id": NUMBER,
        "display_name": {"type": "string"},
        "email": {"type": ["string", "null"]},
        "role": {"type": "string"},
    },
    "required": ["id", "display_name", "email", "role"],
    "additionalProperties": False,
}
POST = {
    "type": "object",
    "properties": {
        "id": NUMBER,
        "title": {"type": "string"},
        "body": {"type": "string"},
        "body_length": NUMBER,
        "status": {"type": "string"},
        "score": NUMBER,
        "room_id": {"type": ["integer", "null"]},
        "author_id": NUMBER,
    },
    "required": ["id", "title", "body", "body_length", "status", "score", "room_id", "author_id"],
    "additionalProperties": False,
}
EVENTS = (
    EventSpec(
        "post.created",
        "someone writes a post",
        schema(["post", "author"], post=POST, author=MEMBER),
        {
            "post": {
                "id": 7,
                "title": "Hi",
                "body": "Hello",
                "body_length": 5,
                "status": "published",
                "score": 0,
                "room_id": None,
                "author_id": 3,
            },
            "author": {"id": 3, "display_name": "Ada", "email": "ada@example.com", "role": "member"},
        },
        frozenset({"post.title", "post.body", "author.display_name"}),
    ),
    EventSpec(
        "comment.created",
        "someone comments",
        schema(
            ["comment", "author"],
            comment=schema(["id", "body", "post_id"], id=NUMBER, body={"type": "string"}, post_id=NUMBER),
            author=MEMBER,
        ),
        {"comment": {"id": 1, "body": "Yes", "post_id": 7}, "author": {"id": 3}},
        frozenset({"comment.body", "author.display_name"}),
    ),
    EventSpec(
        "order.created",
        "an order is placed",
        schema(
            ["order", "member"],
            order=schema(
                ["id", "total_price", "line_items"],
                id=NUMBER,
                total_price={"type": "number"},
                line_items={"type": "array", "items": schema(["title"], title={"type": "string"})},
            ),
            member={"anyOf": [MEMBER, {"type": "null"}]},
        ),
        {"order": {"id": 1, "total_price": 12, "line_items": []}, "member": None},
        frozenset({"order.line_items.title", "member.display_name"}),
    ),
    EventSpec(
        "member.joined",
        "someone joins",
        schema(["member"], member=MEMBER),
        {"member": {"id": 3, "display_name": "Ada", "email": None, "role": "member"}},
        frozenset({"member.display_name"}),
    ),
)
