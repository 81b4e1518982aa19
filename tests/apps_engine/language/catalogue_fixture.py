"""A small but realistic catalogue for tests of the pure language."""

from __future__ import annotations

from typing import Any

from apps_engine.language.catalogue import ActionSpec, Catalogue, ConnectorSpec, EventSpec, FieldSpec, FieldType

_EQUALITY = frozenset({"eq", "ne", "in", "not_in", "exists"})
_ORDER = frozenset({"gt", "gte", "lt", "lte", "between"})
_TEXT = frozenset({"contains", "not_contains", "starts_with", "ends_with"})
_OPERATORS = {
    FieldType.TEXT: _EQUALITY | _ORDER | _TEXT,
    FieldType.INTEGER: _EQUALITY | _ORDER,
    FieldType.DECIMAL: _EQUALITY | _ORDER,
    FieldType.BOOLEAN: frozenset({"eq", "ne", "exists"}),
    FieldType.INSTANT: _EQUALITY | _ORDER | {"within_last", "older_than"},
    FieldType.LIST: frozenset({"contains", "not_contains", "exists"}),
    FieldType.OBJECT: frozenset({"exists"}),
}


def connector(name: str, noun: str, *fields: FieldSpec, max_rows: int = 10_000) -> ConnectorSpec:
    return ConnectorSpec(
        name=name,
        noun=noun,
        summary=f"The {noun} of the community",
        fields=fields,
        operators={spec.name: _OPERATORS[spec.type] for spec in fields},
        orderings=frozenset(s.name for s in fields if s.type not in (FieldType.LIST, FieldType.OBJECT)),
        max_rows=max_rows,
    )


USERS = connector(
    "users",
    "members",
    FieldSpec("id", FieldType.INTEGER),
    FieldSpec("email", FieldType.TEXT, nullable=True, personal=True),
    FieldSpec("display_name", FieldType.TEXT, untrusted=True, personal=True),
    FieldSpec("bio", FieldType.TEXT, untrusted=True),
    FieldSpec("role", FieldType.TEXT),
    FieldSpec("xp", FieldType.INTEGER),
    FieldSpec("engagement_score", FieldType.DECIMAL),
    FieldSpec("last_active_at", FieldType.INSTANT, nullable=True),
    FieldSpec("badges", FieldType.LIST),
)
POSTS = connector(
    "posts",
    "posts",
    FieldSpec("id", FieldType.INTEGER),
    FieldSpec("title", FieldType.TEXT, untrusted=True),
    FieldSpec("body", FieldType.TEXT, untrusted=True),
    FieldSpec("status", FieldType.TEXT),
    FieldSpec("score", FieldType.INTEGER),
    FieldSpec("author_id", FieldType.INTEGER),
    FieldSpec("created_at", FieldType.INSTANT),
)
COMMENTS = connector(
    "comments",
    "comments",
    FieldSpec("id", FieldType.INTEGER),
    FieldSpec("post_id", FieldType.INTEGER),
    FieldSpec("author_id", FieldType.INTEGER),
    FieldSpec("body", FieldType.TEXT, untrusted=True),
)
ORDERS = connector(
    "shopify_orders",
    "orders",
    FieldSpec("id", FieldType.INTEGER),
    FieldSpec("email", FieldType.TEXT, nullable=True, personal=True),
    FieldSpec("member_id", FieldType.INTEGER, nullable=True),
    FieldSpec("total_price", FieldType.DECIMAL),
    FieldSpec("created_at", FieldType.INSTANT),
    max_rows=500,
)


def schema(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TEXT = {"type": "string", "minLength": 1}
NUMBER = {"type": "integer"}

ACTIONS = (
    ActionSpec(
        name="flag_content",
        summary="Flag a post or comment for review",
        sentence="flags posts for review",
        params=schema(["post_id"], post_id=NUMBER, reason={"type": "string", "maxLength": 200}),
        result=(FieldSpec("flag_id", FieldType.INTEGER),),
        local=True,
        writes=("flags",),
        emits=("post.flagged",),
        undoable=True,
        targets=("post_id",),
    ),
    ActionSpec(
        name="send_notification",
        summary="Send an in-app notification",
        sentence="sends notifications",
        params={
            "type": "object",
            "properties": {
                "to": {"anyOf": [{"$ref": "#/$defs/Audience"}, {"type": "integer"}], "description": "Whom to tell."},
                "title": {**TEXT, "maxLength": 120},
                "body": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                "link": {"type": "string"},
            },
            "required": ["to", "title"],
            "additionalProperties": False,
            "$defs": {"Audience": {"enum": ["moderators", "admins", "everyone"]}},
        },
        result=(FieldSpec("notification_id", FieldType.INTEGER),),
        local=True,
        writes=("notifications",),
        sends=("notification",),
        targets=("to",),
    ),
    ActionSpec(
        name="send_email",
        summary="Send an e-mail",
        sentence="sends e-mails",
        params=schema(["to", "subject", "body"], to=TEXT, subject={**TEXT, "maxLength": 200}, body=TEXT),
        result=(FieldSpec("message_id", FieldType.TEXT),),
        local=True,
        writes=("outbound messages",),
        sends=("email",),
        targets=("to",),
        spends="email",
    ),
    ActionSpec(
        name="award_xp",
        summary="Give a member experience points",
        sentence="gives members XP",
        params=schema(
            ["member_id", "amount", "reason"], member_id=NUMBER, amount={"type": "integer", "minimum": 1}, reason=TEXT
        ),
        result=(FieldSpec("xp", FieldType.INTEGER),),
        local=True,
        writes=("members",),
        emits=("xp.awarded",),
        undoable=True,
        targets=("member_id",),
    ),
    ActionSpec(
        name="update_user",
        summary="Change a member",
        sentence="changes members",
        params=schema(
            ["member_id"],
            member_id=NUMBER,
            engagement_score={"type": "number"},
            country={"type": "string"},
            only_if={"type": "object"},
        ),
        result=(FieldSpec("updated", FieldType.BOOLEAN),),
        local=True,
        writes=("members",),
        emits=("member.updated",),
        targets=("member_id",),
        undoable=True,
    ),
    ActionSpec(
        name="create_post",
        summary="Write a post",
        sentence="writes posts",
        params=schema(["title", "body"], title=TEXT, body=TEXT, room_id=NUMBER),
        result=(FieldSpec("post_id", FieldType.INTEGER),),
        local=True,
        writes=("posts",),
        emits=("post.created",),
        targets=("room_id",),
    ),
    ActionSpec(
        name="webhook",
        summary="Call a URL",
        sentence="calls a web address outside",
        params=schema(["url"], url=TEXT, method={"enum": ["GET", "POST"]}, body={}, headers={"type": "object"}),
        result=(
            FieldSpec("status", FieldType.INTEGER),
            FieldSpec("body", FieldType.TEXT, untrusted=True),
        ),
        local=False,
        sends=("webhook",),
        targets=("url", "headers"),
    ),
    ActionSpec(
        name="ai_generate",
        summary="Let the model write a text",
        sentence="asks the AI model",
        params=schema(["prompt"], prompt=TEXT, input={}, output_schema={"type": "object"}),
        result=(FieldSpec("text", FieldType.TEXT, untrusted=True), FieldSpec("model", FieldType.TEXT)),
        local=False,
        spends="ai",
    ),
    ActionSpec(
        name="gmail_search",
        summary="Search the member's mail",
        sentence="reads the member's mail",
        params=schema(["query"], query=TEXT),
        result=(),
        local=False,
        oauth=("gmail",),
    ),
    ActionSpec(
        name="llm_extract",
        summary="Extract data from text with the model",
        sentence="asks the AI model",
        params=schema(["input", "output_schema"], input={}, output_schema={"type": "object"}),
        result=(),
        local=False,
        spends="ai",
    ),
    ActionSpec(
        name="state_update",
        summary="Remember something in the session",
        sentence="remembers things for the conversation",
        params=schema(["data"], data={"type": "object"}),
        result=(),
        local=True,
        writes=("state",),
    ),
    ActionSpec(
        name="emit_event",
        summary="Send an app event",
        sentence="sends app events",
        params=schema(["event"], event=TEXT, data={"type": "object"}),
        result=(FieldSpec("event_id", FieldType.TEXT),),
        local=True,
        writes=("events",),
        targets=("event",),
    ),
    ActionSpec(
        name="schedule_task",
        summary="Run a flow of this app later",
        sentence="sets itself tasks for later",
        params=schema(
            ["delay"],
            flow=TEXT,
            action_id=TEXT,
            delay={"type": ["integer", "string"]},
            data={"type": "object"},
            key=TEXT,
        ),
        result=(FieldSpec("task_id", FieldType.INTEGER, nullable=True),),
        local=True,
        writes=("tasks",),
        targets=("flow", "action_id"),
    ),
)

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

CATALOGUE = Catalogue(
    connectors={spec.name: spec for spec in (USERS, POSTS, COMMENTS, ORDERS)},
    actions={spec.name: spec for spec in ACTIONS},
    events={spec.name: spec for spec in EVENTS},
)
