"""The ready-made apps for shops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from decommerce.community.models import Member, RewardClaim
from decommerce.community.services.rewards import NewReward, create_rewards
from tests.imported import SHOPPER
from tests.starters.imported import shop_file
from tests.starters.shop import StageShop

pytestmark = pytest.mark.requirement("APP-09")


@pytest.fixture
def shop(stage) -> StageShop:
    return StageShop(stage)


def to(stage, app) -> list[tuple[str, str]]:
    """Who was written to, and the subject."""
    return [(mail.to_address, mail.subject) for mail in stage.mails(app)]


def replayed(shop: StageShop, name: str) -> dict:
    """An order of the shop's own files, reported as paid just now."""
    order = {**shop_file(name)["orders"][0], "updated_at": datetime.now(UTC).isoformat()}
    shop.report("orders/paid", order)
    return order


def test_who_pays_is_thanked_once_and_a_member_gets_xp(stage, shop, people):
    (ada,) = people("Ada")
    app = stage.create("purchase-thank-you", minimum=10, xp=15, thanks="Merci!")
    order = shop.order(ada.email, "20.00", "orders/create", "orders/paid")
    shop.order("guest@elsewhere.example", "30.00")
    shop.order(ada.email, "9.99")
    shop.order(None, "99.00")
    shop.report("orders/updated", {**order, "note": "again"})
    stage.work()
    assert to(stage, app) == [
        (ada.email, "Thank you for your order #1001"),
        ("guest@elsewhere.example", "Thank you for your order #1002"),
    ]
    first, second = stage.mails(app)
    assert first.body.startswith("Hello Ada,\n\nMerci!\n\n- Mug\n\nTotal: $20.00\n")
    assert second.body.startswith("Hello there,\n\n")
    assert [(entry.member_id, entry.amount) for entry in stage.xp(app)] == [(ada.pk, 15)]


def test_the_imported_shopper_is_thanked(stage, dump):
    app = stage.create("purchase-thank-you")
    order = replayed(StageShop(stage), "orders")
    stage.work()
    assert order["email"] == SHOPPER
    assert to(stage, app) == [(SHOPPER, f"Thank you for your order {order['name']}")]
    assert f"Total: ${order['total_price']}\n" in stage.mails(app)[0].body
    assert [entry.amount for entry in stage.xp(app)] == [20]
    stage.tell(app, f"Thanked {SHOPPER} for {order['name']}, and gave the member 20 XP.")


def test_whoever_passes_the_amount_becomes_a_vip_once_refunds_taken_off(stage, shop, people, make_admin):
    admin = make_admin(stage.tenant)
    ada, ben = people("Ada", "Ben")
    with stage.community():
        [reward] = create_rewards([NewReward("A mug")])
    app = stage.create("vip-buyer-rewards", threshold=100, xp=70, reward=reward.reward_id)
    shop.refund(shop.order(ben.email, "99.00"), "50.00")
    stage.work()
    for member, total in ((ada, "60.00"), (ben, "40.00"), (ada, "50.00"), (ada, "80.00")):
        shop.order(member.email, total)
        stage.work()
    assert to(stage, app) == [(ada.email, f"You are a VIP of {stage.tenant.name}")]
    assert [(entry.member_id, entry.amount) for entry in stage.xp(app)] == [(ada.pk, 70)]
    assert [(told.member, told.body) for told in stage.notifications(app)] == [(admin, "Their orders sum to 110.00.")]
    with stage.community():
        assert [claim.member_id for claim in RewardClaim.objects.all()] == [ada.pk]


def test_the_imported_shopper_becomes_a_vip(stage, dump):
    app = stage.create("vip-buyer-rewards", threshold=300)
    order = replayed(StageShop(stage), "orders")
    stage.work()
    refunded = sum(Decimal(entry["amount"]) for entry in shop_file("refund")["refund"]["transactions"])
    spent = Decimal(order["total_price"]) - refunded
    assert spent > 300
    assert to(stage, app) == [(SHOPPER, f"You are a VIP of {stage.tenant.name}")]
    stage.tell(app, f"The imported shopper's orders sum to {spent} {order['currency']}: made a VIP.")


def test_a_review_is_asked_for_days_later_unless_the_money_went_back(stage, shop, people):
    (ada,) = people("Ada")
    app = stage.create("review-requests", days=5, link="https://acme.example/reviews")
    shop.order(ada.email, "20.00", "orders/paid", "orders/fulfilled")
    returned = shop.order("guest@elsewhere.example", "30.00", "orders/fulfilled")
    stage.work()
    stage.pass_time(days=4)
    shop.refund(returned, "30.00")
    stage.work()
    assert to(stage, app) == []
    stage.pass_time(days=1)
    stage.work()
    assert to(stage, app) == [(ada.email, "How do you like your order #1001?")]
    assert "https://acme.example/reviews" in stage.mails(app)[0].body


def test_the_imported_order_is_asked_about_unless_it_was_refunded(stage, data):
    shop = StageShop(stage)
    app = stage.create("review-requests")
    order = shop_file("orders")["orders"][0]
    shop.report("orders/fulfilled", order)
    stage.work()
    stage.pass_time(days=8)
    stage.work()
    assert to(stage, app) == [(order["email"], f"How do you like your order {order['name']}?")]
    stage.tell(app, f"A week after {order['name']} was sent out, asked {order['email']} for a review.")


def test_a_first_order_is_celebrated_and_no_other(stage, shop, people, make_admin):
    admin = make_admin(stage.tenant)
    (ada,) = people("Ada")
    app = stage.create("first-purchase-celebration", xp=30, message="Hurray!")
    shop.order("guest@elsewhere.example", "30.00")
    shop.order(ada.email, "20.00")
    shop.order(ada.email, "40.00")
    stage.work()
    assert [(entry.member_id, entry.amount) for entry in stage.xp(app)] == [(ada.pk, 30)]
    assert [(told.member_id, told.title) for told in stage.notifications(app)] == [
        (ada.pk, "Your first order 🎉"),
        (admin.pk, "A first order: #1002"),
    ]
    assert stage.notifications(app)[1].body == "Ada bought for the first time, for $20.00."


def test_the_imported_shopper_has_a_first_order(stage, data, people):
    (bob,) = people("Bob")
    with stage.community():
        Member.objects.filter(pk=bob.pk).update(email=SHOPPER)
    app = stage.create("first-purchase-celebration")
    order = replayed(StageShop(stage), "orders")
    stage.work()
    assert [entry.member_id for entry in stage.xp(app)] == [bob.pk]
    stage.tell(app, f"Celebrated {order['name']}, the first order of {SHOPPER}, with 50 XP.")


def test_a_cart_left_behind_is_written_about_once_unless_its_owner_ordered(stage, shop, people):
    ada, ben = people("Ada", "Ben")
    app = stage.create("abandoned-cart-recovery", hours=3, minimum=15)
    cart = shop.cart(ada.email, "45.00", timedelta(hours=4))
    shop.cart(ada.email, "45.00", timedelta(hours=2))
    shop.cart(ben.email, "45.00", timedelta(hours=5))
    shop.cart("guest@elsewhere.example", "14.99", timedelta(hours=5))
    shop.cart("old@elsewhere.example", "45.00", timedelta(days=8))
    shop.order(ben.email, "45.00")
    stage.work()
    stage.fire(app)
    stage.run(app)
    assert to(stage, app) == [(ada.email, "You left something behind")]
    assert f"Back to your cart: {cart['abandoned_checkout_url']}" in stage.mails(app)[0].body


def test_the_imported_cart_is_written_about(stage, dump):
    app = stage.create("abandoned-cart-recovery")
    stage.fire(app)
    [cart] = shop_file("checkouts")["checkouts"]
    assert to(stage, app) == [(cart["email"], "You left something behind")]
    body = stage.mails(app)[0].body
    assert cart["abandoned_checkout_url"] in body
    assert f"Total: ${cart['total_price']}" in body
    stage.tell(app, f"Wrote to {cart['email']} about a cart of {cart['total_price']} {cart['currency']}.")
