"""Fetches of a thousand rows of a community of ten thousand, against a bare SELECT of the same rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection

from apps_engine.contracts import ActionContext
from apps_engine.registry import registry
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.reader import RowReader
from decommerce.tenancy.context import tenant_scope
from tests.benchmarks.measure import medians, report, seconds

ROWS = 1_000
_TENANT = (
    "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES ('many', 'Many', 'UTC', now()) RETURNING id"
)
_MEMBERS = """
INSERT INTO community_member (tenant_id, display_name, status, xp, level, engagement_score, country, location, bio,
    joined_at, last_active_at)
SELECT %(tenant)s, 'Member ' || n, 'active', n, 1, 0, '', '', '', now() - n * interval '1 hour', now()
FROM generate_series(1, 10000) n
"""
# Five posts and five comments a member, spread over a year.
_POSTS = """
INSERT INTO community_post (tenant_id, author_id, kind, status, title, body, body_length, score, comment_count,
    created_at, updated_at)
SELECT %(tenant)s, m.id, 'post', 'published', 'Title', repeat('Some text. ', 20), 220, 0, 0, at, at
FROM community_member m, generate_series(1, 5) n, LATERAL (SELECT now() - (m.id * n %% 365) * interval '1 day' AS at) t
WHERE m.tenant_id = %(tenant)s
"""
_COMMENTS = """
INSERT INTO community_comment (tenant_id, post_id, author_id, body, score, created_at)
SELECT %(tenant)s, p.id, p.author_id, 'Fine.', 0, p.created_at FROM community_post p WHERE p.tenant_id = %(tenant)s
"""
_ORDERS = """
INSERT INTO community_shopifyorder (tenant_id, shopify_id, member_id, currency, total_price, subtotal_price,
    total_discounts, line_items, item_count, name, financial_status, fulfillment_status, total_refunded, first_purchase,
    tags, created_at, updated_at)
SELECT %(tenant)s, m.id * 2 + n, m.id, 'EUR', 20.00, 20.00, 0, '[]', 1, '#1', 'paid', '', 0, false, '{}', at, at
FROM community_member m, generate_series(0, 1) n, LATERAL (SELECT now() - (m.id * n %% 365) * interval '1 day' AS at) t
WHERE m.tenant_id = %(tenant)s
"""


def fetches(owner: psycopg.Connection) -> None:
    """Some fields, every field with all that is computed, and the same in the order of what is computed."""
    tenant = owner.execute(_TENANT).fetchone()[0]
    for statement in (_MEMBERS, _POSTS, _COMMENTS, _ORDERS, "ANALYZE"):
        owner.execute(statement, {"tenant": tenant})
    reader = RowReader(ActionContext(tenant, 0, "", 0, datetime.now(UTC)))
    few = ("id", "display_name", "email", "posts_7d")

    def fetch(name: str, fields: tuple[str, ...] = (), order: tuple[str, ...] = ()) -> Callable[[], float]:
        return lambda: seconds(lambda: _full(reader.fetch(Query(name, None, fields, order, ROWS, 0))))

    with tenant_scope(tenant):
        found = medians(
            {
                "SELECT * of the same members (floor)": lambda: seconds(lambda: _full(_select(tenant))),
                "four fields, one of them computed": fetch("users", few),
                "the same in the order of the computed one": fetch("users", few, ("-posts_7d",)),
                f"all {len(registry.connectors['users'].columns)} fields of members": fetch("users"),
                "all fields of members' activity": fetch("engagement_metrics"),
            }
        )
    report(f"A fetch of {ROWS:,} members of 10,000", found, "SELECT * of the same members (floor)")


def _select(tenant: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM community_member WHERE tenant_id = %s ORDER BY id LIMIT %s", [tenant, ROWS])
        return list(cursor.fetchall())


def _full(rows: list[Any]) -> None:
    assert len(rows) == ROWS
