"""A small community with some of everything, and beside each full row one that has as little as a row can have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from decommerce.community.models import (
    Contribution,
    Mission,
    Notification,
    NotificationPreference,
    Reaction,
    Reward,
    RewardClaim,
    RoomMember,
    ShopifyCheckout,
    ShopifyCustomer,
    ShopifyProduct,
    UserMission,
    XpEntry,
)
from tests.connectors.rows import a_comment, a_flag, a_member, a_post, a_room, an_order

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def ago(days: float) -> datetime:
    """So many days before the run's now."""
    return NOW - timedelta(days=days)


def make_world() -> None:
    """Rows of every kind in the tenant in scope."""
    ada = a_member(1, xp=250, country="CH", joined_at=ago(400), last_active_at=ago(0.2), bio="é", location="Zürich")
    bare = a_member(2, email=None, joined_at=ago(3))
    NotificationPreference.objects.create(member=bare, channel="email", enabled=False)
    _writing(ada, bare)
    _achieving(ada, bare)
    _buying(ada)
    Notification.objects.create(
        member=ada, title="Hi", body="b", topic="news", created_at=ago(2), read_at=ago(1), app_id=7
    )
    Notification.objects.create(member=bare, title="Hm", created_at=ago(0.1))


def _writing(ada, bare) -> None:
    room, _empty = a_room(1), a_room(2)
    RoomMember.objects.create(room=room, member=ada, joined_at=ago(40))
    RoomMember.objects.create(room=room, member=bare, joined_at=ago(2))
    question = a_post(ada, room=room, title="Why?", kind="question", created_at=ago(35), score=3, comment_count=2)
    answer = a_post(bare, room=room, kind="answer", parent=question, created_at=ago(1), score=-1)
    a_post(ada, title="Alone", created_at=ago(8))
    a_post(ada, room=room, title="Gone", created_at=ago(2), status="removed")
    a_comment(question, bare, created_at=ago(0.5), score=2)
    a_comment(question, ada, created_at=ago(33), body="")
    a_flag(answer, created_at=ago(1))
    a_flag(question, created_at=ago(20), resolved_at=ago(19))
    Reaction.objects.create(post=question, member=bare, kind="like", created_at=ago(3))
    Reaction.objects.create(post=answer, kind="upvote", created_at=ago(0.3))


def _achieving(ada, bare) -> None:
    XpEntry.objects.create(member=ada, amount=30, reason="r", idem_key="1", created_at=ago(2))
    XpEntry.objects.create(member=ada, amount=-10, reason="r", idem_key="2", created_at=ago(1))
    XpEntry.objects.create(member=ada, amount=230, reason="r", idem_key="3", created_at=ago(40))
    post = a_post(bare, title="Best", created_at=ago(50))
    Contribution.objects.create(member=ada, kind="badge", title="Teacher", points=10, created_at=ago(5))
    Contribution.objects.create(member=bare, kind="referral", title="Friend", post=post, created_at=ago(31))
    mission = Mission.objects.create(title="M", xp_reward=50, starts_at=ago(9), ends_at=NOW + timedelta(days=2.5))
    over = Mission.objects.create(title="Over", status="ended", ends_at=ago(0.5), created_at=ago(20))
    Mission.objects.create(title="Untouched", status="draft", created_at=ago(1))
    UserMission.objects.create(
        mission=mission, member=ada, status="completed", progress=100, started_at=ago(8), completed_at=ago(2)
    )
    UserMission.objects.create(mission=mission, member=bare, progress=20, started_at=ago(1))
    UserMission.objects.create(mission=over, member=ada, progress=40, started_at=ago(12))
    reward = Reward.objects.create(title="Cup", cost_xp=200, stock=3, created_at=ago(60))
    Reward.objects.create(title="Bag", status="ended", created_at=ago(90))
    RewardClaim.objects.create(reward=reward, member=ada, status="fulfilled", created_at=ago(10))
    RewardClaim.objects.create(reward=reward, member=bare, status="cancelled", created_at=ago(4))


def _buying(ada) -> None:
    times = {"created_at": ago(300), "updated_at": ago(20)}
    customer = ShopifyCustomer.objects.create(
        shopify_id=1, email="Member1@example.com", member=ada, tags=["vip"], orders_count=2, currency="EUR", **times
    )
    ShopifyCustomer.objects.create(shopify_id=2, **times)
    items = [{"title": "Mug", "sku": "M", "quantity": 2, "price": Decimal("24.50"), "product_id": 1, "variant_id": 2}]
    custom = [
        {"title": "Note", "sku": "", "quantity": 1, "price": Decimal("1.00"), "product_id": None, "variant_id": None}
    ]
    adas = {"member": ada, "customer": customer, "email": "member1@example.com"}
    paid = {"financial_status": "paid", "fulfillment_status": "fulfilled", "total_refunded": Decimal("9.00")}
    an_order(1, line_items=items, item_count=2, tags=["gift"], created_at=ago(5), first_purchase=True, **adas, **paid)
    an_order(2, **{**adas, "email": None}, line_items=items * 2 + custom, created_at=ago(45), updated_at=ago(1))
    an_order(3, line_items=items, created_at=ago(6), cancelled_at=ago(5), total_price=Decimal("9.000"))
    an_order(4, line_items=custom, created_at=ago(0.2), currency="USD")
    product = {"title": "Mug", "tags": [], **times}
    ShopifyProduct.objects.create(
        shopify_id=1, price_min=Decimal("24.50"), price_max=Decimal("29.00"), published_at=ago(30), **product
    )
    ShopifyProduct.objects.create(shopify_id=2, status="draft", inventory_quantity=-1, **product)
    price = Decimal("49.00")
    cart = {"currency": "EUR", "total_price": price, "subtotal_price": price, "line_items": items}
    ShopifyCheckout.objects.create(
        shopify_id=1, member=ada, customer=customer, created_at=ago(7), updated_at=ago(7), **cart
    )
    new = {"created_at": ago(0.2), "updated_at": ago(0.1), "recovery_url": "https://shop.example/2"}
    ShopifyCheckout.objects.create(shopify_id=2, **adas, **new, **cart)
    ShopifyCheckout.objects.create(shopify_id=3, created_at=ago(2), updated_at=ago(2), completed_at=ago(2), **cart)
