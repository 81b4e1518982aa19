"""Rooms of the community."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.activity import answers, posts
from connectors.beside import MONTH, WEEK, Computed, ago, count, figure, looked_up, newest, since
from decommerce.community.models import PostKind, Room, RoomMember
from decommerce.community.services.members import HOUSE

# Comments name their post and not its room, so they are counted for all rooms together.
_COMMENTS = """
(SELECT jsonb_object_agg(room_id, found) FROM (
    SELECT post.room_id, count(*) AS found
    FROM (SELECT %(expressions)s) AS asked (tenant_id, since)
    JOIN community_comment comment ON comment.tenant_id = asked.tenant_id AND comment.created_at >= asked.since
    JOIN community_post post ON post.tenant_id = comment.tenant_id AND post.id = comment.post_id
    WHERE post.room_id IS NOT NULL GROUP BY post.room_id
) AS counted)
"""
# Who wrote in a room: each member once, however much they wrote, and the platform itself not at all.
_ACTIVE_MEMBERS = """
(SELECT jsonb_object_agg(room_id, found) FROM (
    SELECT room_id, count(DISTINCT author_id) AS found
    FROM (SELECT %(expressions)s) AS asked (tenant_id, since, house), LATERAL (
        SELECT room_id, author_id FROM community_post
        WHERE tenant_id = asked.tenant_id AND created_at >= since AND status = 'published' AND room_id IS NOT NULL
        UNION ALL SELECT post.room_id, comment.author_id FROM community_comment comment
        JOIN community_post post ON post.tenant_id = comment.tenant_id AND post.id = comment.post_id
        WHERE comment.tenant_id = asked.tenant_id AND comment.created_at >= since AND post.room_id IS NOT NULL
    ) AS written
    WHERE author_id NOT IN (
        SELECT id FROM community_member member WHERE member.tenant_id = asked.tenant_id AND external_id = asked.house)
    GROUP BY room_id
) AS counted)
"""


def _comments(days: int) -> Computed:
    return lambda context: Coalesce(looked_up(_COMMENTS, context, "pk", ago(context, days), cast=IntegerField()), 0)


def _active_members(days: int) -> Computed:
    def computed(context: ActionContext) -> Coalesce:
        arguments = ago(context, days), Value(HOUSE)
        return Coalesce(looked_up(_ACTIVE_MEMBERS, context, "pk", *arguments, cast=IntegerField()), 0)

    return computed


def _newcomers(days: int) -> Computed:
    return count(RoomMember.objects.all, "room", days, at="joined_at")


def _unanswered() -> QuerySet:
    return posts().filter(~Exists(answers().filter(parent=OuterRef("pk"))), kind=PostKind.QUESTION)


def _last_sign_of_life(context: ActionContext) -> Greatest:
    # PostgreSQL's GREATEST leaves nulls out.
    return Greatest("created_at", "last_activity_at")


class Rooms(TableConnector):
    """One row a room, archived ones too."""

    name = "rooms"
    noun = "rooms"
    summary = "Rooms with their members and what was written in them"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The room's number"), "pk"),
        Column(FieldSpec("name", FieldType.TEXT, "Name"), "name"),
        Column(FieldSpec("slug", FieldType.TEXT, "The name in addresses"), "slug"),
        Column(FieldSpec("description", FieldType.TEXT, "What it is about"), "description"),
        Column(FieldSpec("status", FieldType.TEXT, "active or archived"), "status"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was opened"), "created_at"),
        Column(
            FieldSpec("last_activity_at", FieldType.INSTANT, "When it was last posted in", nullable=True),
            "last_activity_at",
        ),
        figure("days_since_created", "Whole days since it was opened", since("created_at")),
        figure(
            "days_since_activity", "Whole days since the last post, or since it was opened", since(_last_sign_of_life)
        ),
        figure("members_total", "Members in it", count(RoomMember.objects.all, "room")),
        figure("members_7d", "Who came in the last 7 days", _newcomers(WEEK)),
        figure("members_30d", "Who came in the last 30 days", _newcomers(MONTH)),
        figure("posts_total", "Posts of any kind, answers included", count(posts, "room")),
        figure("posts_7d", "Posts of any kind in the last 7 days", count(posts, "room", WEEK)),
        figure("posts_previous_7d", "Those of the 7 days before", count(posts, "room", WEEK, before=WEEK)),
        figure("posts_30d", "Posts of any kind in the last 30 days", count(posts, "room", MONTH)),
        figure("posts_previous_30d", "Those of the 30 days before", count(posts, "room", MONTH, before=MONTH)),
        figure("comments_7d", "Comments in the last 7 days", _comments(WEEK)),
        figure("comments_30d", "Comments in the last 30 days", _comments(MONTH)),
        figure("active_members_7d", "Who wrote there in the last 7 days", _active_members(WEEK)),
        figure("active_members_30d", "Who wrote there in the last 30 days", _active_members(MONTH)),
        figure("unanswered_questions", "Questions without an answer", count(_unanswered, "room")),
        figure("last_post_at", "When it was last posted in", newest(posts, "room"), FieldType.INSTANT, nullable=True),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Room.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 3,
            "name": "Brewing",
            "slug": "brewing",
            "description": "Filter, press, moka: recipes and doubts.",
            "status": "active",
            "created_at": "2026-01-10T09:00:00Z",
            "last_activity_at": "2026-11-20T09:02:00Z",
            "days_since_created": 315,
            "days_since_activity": 0,
            "members_total": 64,
            "members_7d": 2,
            "members_30d": 7,
            "posts_total": 210,
            "posts_7d": 6,
            "posts_previous_7d": 4,
            "posts_30d": 22,
            "posts_previous_30d": 31,
            "comments_7d": 14,
            "comments_30d": 51,
            "active_members_7d": 9,
            "active_members_30d": 23,
            "unanswered_questions": 5,
            "last_post_at": "2026-11-20T08:15:00Z",
        }
