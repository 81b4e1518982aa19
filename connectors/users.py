"""Members of the community."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.activity import activity, answers, applause, comments, earnings, posts, streak, streak_since
from connectors.beside import MONTH, WEEK, count, figure, newest, oldest, since, total
from connectors.commerce import orders, spent
from decommerce.community.models import (
    Channel,
    ClaimStatus,
    Contribution,
    Flag,
    Member,
    MemberStatus,
    NotificationPreference,
    RewardClaim,
    RoomMember,
    UserMission,
    UserMissionStatus,
)
from decommerce.community.services.members import HOUSE
from decommerce.community.services.notifications import EVERY_TOPIC


def _badges() -> QuerySet:
    return Contribution.objects.filter(kind="badge")


def _referrals() -> QuerySet:
    return Contribution.objects.filter(kind="referral")


def _open_missions() -> QuerySet:
    return UserMission.objects.filter(status=UserMissionStatus.STARTED)


def _completed_missions() -> QuerySet:
    return UserMission.objects.filter(status=UserMissionStatus.COMPLETED)


def _claims() -> QuerySet:
    return RewardClaim.objects.exclude(status=ClaimStatus.CANCELLED)


def _open_flags() -> QuerySet:
    return Flag.objects.filter(resolved_at=None)


def _wants_email(context: ActionContext) -> Any:
    refused = NotificationPreference.objects.filter(
        member=OuterRef("pk"), channel=Channel.EMAIL, topic=EVERY_TOPIC, enabled=False
    )
    reachable = Q(email__isnull=False, status=MemberStatus.ACTIVE)
    return ExpressionWrapper(reachable & ~Exists(refused), output_field=BooleanField())


WRITING = (
    figure("posts_total", "Posts of any kind, answers included", count(posts, "author")),
    figure("posts_7d", "Posts of any kind in the last 7 days", count(posts, "author", WEEK)),
    figure("posts_30d", "Posts of any kind in the last 30 days", count(posts, "author", MONTH)),
    figure("answers_total", "Those of the posts that are answers", count(answers, "author")),
    figure("answers_7d", "Answers in the last 7 days", count(answers, "author", WEEK)),
    figure("answers_30d", "Answers in the last 30 days", count(answers, "author", MONTH)),
    figure("comments_total", "Comments", count(comments, "author")),
    figure("comments_7d", "Comments in the last 7 days", count(comments, "author", WEEK)),
    figure("comments_30d", "Comments in the last 30 days", count(comments, "author", MONTH)),
    figure("reactions_received_total", "Reactions to their posts", count(applause, "post__author")),
    figure("reactions_received_30d", "Those of the last 30 days", count(applause, "post__author", MONTH)),
    figure("first_post_at", "When they first posted", oldest(posts, "author"), FieldType.INSTANT, nullable=True),
    figure("last_post_at", "When they last posted", newest(posts, "author"), FieldType.INSTANT, nullable=True),
    figure("flags_open", "Open flags on their posts", count(_open_flags, "post__author")),
)
BEING_ACTIVE = (
    figure("days_since_joined", "Whole days since they joined", since("joined_at")),
    figure("days_since_active", "Whole days since they last did something", since("last_active_at"), nullable=True),
    figure("activity_7d", "Posts, comments and reactions by them in the last 7 days", activity(WEEK)),
    figure("activity_previous_7d", "Those of the 7 days before", activity(WEEK, before=WEEK)),
    figure("activity_30d", "Posts, comments and reactions by them in the last 30 days", activity(MONTH)),
    figure("activity_previous_30d", "Those of the 30 days before", activity(MONTH, before=MONTH)),
)
ACHIEVING = (
    figure("xp_7d", "XP awarded in the last 7 days", total(earnings, "member", "amount", WEEK)),
    figure("xp_30d", "XP awarded in the last 30 days", total(earnings, "member", "amount", MONTH)),
    figure(
        "contributions_total", "Contributions: badges, referrals and so on", count(Contribution.objects.all, "member")
    ),
    figure("badges_total", "Badges", count(_badges, "member")),
    figure("referrals_total", "People whom they brought", count(_referrals, "member")),
    figure("referrals_30d", "People whom they brought in the last 30 days", count(_referrals, "member", MONTH)),
    figure("missions_open", "Missions that they work on", count(_open_missions, "member")),
    figure("missions_completed", "Missions that they completed", count(_completed_missions, "member")),
    figure("rewards_claimed", "Rewards that they claimed", count(_claims, "member")),
    figure("rooms_joined", "Rooms that they are in", count(RoomMember.objects.all, "member")),
)
BUYING = (
    figure("orders_count", "Orders in the shop, cancelled ones apart", count(orders, "member")),
    figure("orders_total", "What those cost, less refunds, in the shop's currency", spent("member"), FieldType.DECIMAL),
    figure("orders_30d", "Orders in the last 30 days", count(orders, "member", MONTH)),
    figure("first_order_at", "When they first ordered", oldest(orders, "member"), FieldType.INSTANT, nullable=True),
    figure("last_order_at", "When they last ordered", newest(orders, "member"), FieldType.INSTANT, nullable=True),
)

# As the connector tells one.
SAMPLE: Mapping[str, Any] = {
    "id": 42,
    "display_name": "Ada",
    "email": "ada@example.com",
    "role": "member",
    "status": "active",
    "xp": 120,
    "level": 2,
    "engagement_score": Decimal("12.50"),
    "streak_days": 3,
    "streak_since": "2026-11-18T00:00:00Z",
    "country": "CH",
    "location": "Zürich",
    "bio": "I like analytical engines.",
    "joined_at": "2026-03-01T09:00:00Z",
    "last_active_at": "2026-11-20T17:30:00Z",
    "wants_email": True,
    "days_since_joined": 265,
    "days_since_active": 0,
    "activity_7d": 9,
    "activity_previous_7d": 4,
    "activity_30d": 21,
    "activity_previous_30d": 30,
    "posts_total": 14,
    "posts_7d": 2,
    "posts_30d": 5,
    "answers_total": 6,
    "answers_7d": 1,
    "answers_30d": 2,
    "comments_total": 31,
    "comments_7d": 3,
    "comments_30d": 8,
    "reactions_received_total": 40,
    "reactions_received_30d": 11,
    "first_post_at": "2026-03-02T10:00:00Z",
    "last_post_at": "2026-11-20T17:30:00Z",
    "flags_open": 0,
    "xp_7d": 30,
    "xp_30d": 70,
    "contributions_total": 4,
    "badges_total": 3,
    "referrals_total": 1,
    "referrals_30d": 0,
    "missions_open": 1,
    "missions_completed": 2,
    "rewards_claimed": 1,
    "rooms_joined": 4,
    "orders_count": 2,
    "orders_total": Decimal("98.00"),
    "orders_30d": 1,
    "first_order_at": "2026-08-12T12:00:00Z",
    "last_order_at": "2026-11-02T18:40:00Z",
}


class Users(TableConnector):
    """One row a member; the one in whose name the platform writes is not among them."""

    name = "users"
    noun = "members"
    summary = "Members of the community with what they wrote, earned and bought, and how active they are"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The member's number"), "pk"),
        Column(
            FieldSpec("display_name", FieldType.TEXT, "The name they go by", untrusted=True, personal=True),
            "display_name",
        ),
        Column(FieldSpec("email", FieldType.TEXT, "E-mail address", nullable=True, personal=True), "email"),
        Column(FieldSpec("role", FieldType.TEXT, "owner, admin, moderator or member"), "role"),
        Column(FieldSpec("status", FieldType.TEXT, "active or suspended"), "status"),
        Column(FieldSpec("xp", FieldType.INTEGER, "Experience points"), "xp"),
        Column(FieldSpec("level", FieldType.INTEGER, "Level, from 1; it follows from the XP"), "level"),
        Column(
            FieldSpec("engagement_score", FieldType.DECIMAL, "What an app last wrote there; 0 until then"),
            "engagement_score",
        ),
        Column(
            FieldSpec("streak_days", FieldType.INTEGER, "Days in a row with activity, up to today or yesterday (UTC)"),
            "streak",
            computed=streak,
        ),
        figure("streak_since", "When the first of those days began", streak_since, FieldType.INSTANT, nullable=True),
        Column(FieldSpec("country", FieldType.TEXT, "ISO 3166 code, or empty", personal=True), "country"),
        Column(
            FieldSpec("location", FieldType.TEXT, "Where they say they are", untrusted=True, personal=True), "location"
        ),
        Column(FieldSpec("bio", FieldType.TEXT, "About themselves", untrusted=True, personal=True), "bio"),
        Column(FieldSpec("joined_at", FieldType.INSTANT, "When they joined"), "joined_at"),
        Column(
            FieldSpec("last_active_at", FieldType.INSTANT, "When they last did something", nullable=True),
            "last_active_at",
        ),
        figure("wants_email", "Has an address, is active and takes e-mail at all", _wants_email, FieldType.BOOLEAN),
        *BEING_ACTIVE,
        *WRITING,
        *ACHIEVING,
        *BUYING,
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Member.objects.with_role().exclude(external_id=HOUSE)

    def sample(self) -> dict[str, Any]:
        return dict(SAMPLE)
