"""What the language may read in its tests."""

from __future__ import annotations

from apps_engine.language.catalogue import ConnectorSpec, FieldSpec, FieldType

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
