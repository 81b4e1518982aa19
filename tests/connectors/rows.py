"""Rows for connectors to read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from decommerce.community.models import Comment, Flag, Member, Post, Room, ShopifyOrder

BODY = "A body of thirty characters..."
CREATED = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)


def a_member(number: int = 1, **fields) -> Member:
    return Member.objects.create(
        **{"display_name": f"Member {number}", "email": f"member{number}@example.com", "joined_at": CREATED, **fields}
    )


def a_room(number: int = 1) -> Room:
    return Room.objects.create(name=f"Room {number}", slug=f"room-{number}")


def a_post(author: Member, **fields) -> Post:
    body = fields.pop("body", BODY)
    return Post.objects.create(
        **{"author": author, "body": body, "body_length": len(body), "created_at": CREATED, **fields}
    )


def a_comment(post: Post, author: Member, **fields) -> Comment:
    return Comment.objects.create(**{"post": post, "author": author, "body": BODY, "created_at": CREATED, **fields})


def a_flag(post: Post, **fields) -> Flag:
    return Flag.objects.create(**{"post": post, "reason": "short", "raised_by_label": "the test", **fields})


def an_order(number: int = 1, **fields) -> ShopifyOrder:
    return ShopifyOrder.objects.create(
        **{
            "shopify_id": number,
            "name": f"#{number}",
            "currency": "EUR",
            "total_price": Decimal("49.00"),
            "subtotal_price": Decimal("49.00"),
            "created_at": CREATED,
            "updated_at": CREATED,
            **fields,
        }
    )
