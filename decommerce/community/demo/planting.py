"""Writing a demo community into a tenant: everything or nothing, once, and without events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

from decommerce.community.demo import achievements, commerce, people, writing
from decommerce.community.demo.theme import Theme
from decommerce.community.models import (
    Comment,
    Contribution,
    Member,
    Mission,
    Post,
    Reaction,
    Reward,
    Room,
    RoomMember,
    Shop,
    UserMission,
    XpEntry,
)
from decommerce.community.shopify.records import KINDS, record


def is_planted() -> bool:
    """Whether the tenant in scope has its demo community."""
    return Member.objects.filter(external_id="demo:1").exists()


def plant(theme: Theme, shop: Shop, now: datetime) -> None:
    """Write the community of a theme; the same words and numbers every time, seen from `now`."""
    random = Random(theme.slug)  # noqa: S311 - nothing here is secret
    rooms = Room.objects.bulk_create(writing.make_rooms(theme, now))
    members = Member.objects.bulk_create(people.make_members(theme, random, now))
    RoomMember.objects.bulk_create(writing.make_room_members(rooms, members, random))
    posts = _plant_writing(theme, rooms, members, random, now)
    _plant_achievements(theme, members, posts, random, now)
    _plant_shop(theme, shop, members, random, now)


def _plant_writing(
    theme: Theme, rooms: Sequence[Room], members: Sequence[Member], random: Random, now: datetime
) -> list[Post]:
    active = [member for member in members if member.last_active_at is not None]
    posts = writing.make_posts(theme, rooms, active, random, now)
    comments = writing.make_comments(theme, posts, active, random)
    reactions = writing.make_reactions(posts, active, random)
    for post in posts:
        post.room.last_activity_at = post.created_at
    alone = [post for post in posts if post.parent is None]
    Post.objects.bulk_create(alone)
    Post.objects.bulk_create([post for post in posts if post.parent is not None])
    Comment.objects.bulk_create(comments)
    Reaction.objects.bulk_create(reactions)
    Room.objects.bulk_update(rooms, ["last_activity_at"])
    return posts


def _plant_achievements(
    theme: Theme, members: Sequence[Member], posts: Sequence[Post], random: Random, now: datetime
) -> None:
    missions = Mission.objects.bulk_create(achievements.make_missions(theme, now))
    Reward.objects.bulk_create(achievements.make_rewards(theme, now))
    user_missions = achievements.make_user_missions(missions, members, random, now)
    UserMission.objects.bulk_create(user_missions)
    Contribution.objects.bulk_create(achievements.make_contributions(posts, random))
    XpEntry.objects.bulk_create(achievements.make_xp(posts, user_missions))
    Member.objects.bulk_update(members, ["xp", "level"])


def _plant_shop(theme: Theme, shop: Shop, members: Sequence[Member], random: Random, now: datetime) -> None:
    customers = commerce.make_customers(members, random)
    orders = commerce.make_orders(theme, customers, random, now)
    for customer in customers:
        own = [order for order in orders if order["customer"] is customer]
        customer["orders_count"] = len(own)
        customer["total_spent"] = str(sum((commerce.total_of(order) for order in own), commerce.NOTHING))
        customer["currency"] = theme.currency
    record(KINDS["customer"], customers, shop)
    record(KINDS["product"], commerce.make_products(theme, random, now), shop)
    record(KINDS["order"], orders, shop, announce_refunds=False)
    record(KINDS["checkout"], commerce.make_checkouts(theme, customers, random, now), shop)
