"""How active each member was of late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet, Value

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.activity import active_days, answers, applause, comments, earnings, posts, reactions
from connectors.beside import MONTH, WEEK, Computed, about, ago, count, figure, since, total
from decommerce.community.models import Member
from decommerce.community.services.members import HOUSE

# What a deed is worth. Being there on another day counts more than another reaction.
POST, ANSWER, COMMENT, REACTION, DAY = 3, 2, 2, 1, 2
SCORE = (
    f"{POST} a post, {ANSWER} more where it is an answer, {COMMENT} a comment, "
    f"{REACTION} a reaction given or received, {DAY} a day with activity"
)


WORTHS = tuple(Value(worth) for worth in (POST, POST + ANSWER, COMMENT, REACTION, DAY))

# One pass over what a member did and got: each deed with its time and its worth, and whether it was their own.
_DEEDS = """
SELECT created_at AS at, CASE kind WHEN 'answer' THEN asked.answer ELSE asked.post END AS worth, true AS own
FROM community_post WHERE tenant_id = asked.tenant_id AND author_id = asked.member_id AND status = 'published'
UNION ALL SELECT created_at, asked.comment, true
FROM community_comment WHERE tenant_id = asked.tenant_id AND author_id = asked.member_id
UNION ALL SELECT created_at, asked.reaction, true
FROM community_reaction WHERE tenant_id = asked.tenant_id AND member_id = asked.member_id
UNION ALL SELECT reaction.created_at, asked.reaction, false
FROM community_post post
JOIN community_reaction reaction ON reaction.tenant_id = post.tenant_id AND reaction.post_id = post.id
WHERE post.tenant_id = asked.tenant_id AND post.author_id = asked.member_id AND post.status = 'published'
"""
_DAY = "(at AT TIME ZONE 'UTC')::date"
_SCORE = """
(SELECT coalesce(sum(worth) + min(asked.day) * count(DISTINCT %(day)s) FILTER (WHERE own), 0)::integer
FROM (SELECT %(expressions)s)
    AS asked (tenant_id, member_id, since, until, post, answer, comment, reaction, day), LATERAL (%(deeds)s) AS deeds
WHERE at >= since AND at < until)
"""
_CHANGE = """
(SELECT coalesce(sum(CASE WHEN at >= middle THEN worth ELSE -worth END) + min(asked.day) * (
    count(DISTINCT %(day)s) FILTER (WHERE own AND at >= middle)
    - count(DISTINCT %(day)s) FILTER (WHERE own AND at < middle)), 0)::integer
FROM (SELECT %(expressions)s)
    AS asked (tenant_id, member_id, since, middle, post, answer, comment, reaction, day), LATERAL (%(deeds)s) AS deeds
WHERE at >= since)
"""


def score(days: int, before: int = 0) -> Computed:
    """The score of so many days, which ended `before`."""
    return _told(_SCORE, before + days, before)


def _score_change(days: int) -> Computed:
    return _told(_CHANGE, 2 * days, days)


def _told(template: str, first: int, second: int) -> Computed:
    return lambda context: about(
        template, context, ago(context, first), ago(context, second), *WORTHS, deeds=_DEEDS, day=_DAY
    )


def _period(days: int) -> Iterator[Column]:
    suffix, of = f"_{days}d", f"in the last {days} days"
    yield figure(f"posts{suffix}", f"Posts of any kind {of}", count(posts, "author", days))
    yield figure(f"answers{suffix}", f"Those of the posts that are answers, {of}", count(answers, "author", days))
    yield figure(f"comments{suffix}", f"Comments {of}", count(comments, "author", days))
    yield figure(f"reactions_given{suffix}", f"Reactions by them {of}", count(reactions, "member", days))
    yield figure(f"reactions_received{suffix}", f"Reactions to their posts {of}", count(applause, "post__author", days))
    yield figure(f"xp{suffix}", f"XP awarded {of}", total(earnings, "member", "amount", days))
    yield figure(f"active_days{suffix}", f"Days (UTC) on which they did something, {of}", active_days(days))
    yield figure(f"score{suffix}", f"Score {of}: {SCORE}", score(days))
    yield figure(f"score_previous{suffix}", f"The score of the {days} days before", score(days, before=days))
    yield figure(f"score_change{suffix}", "The score less that of the days before", _score_change(days))


class EngagementMetrics(TableConnector):
    """One row a member with the figures of the last 7 and the last 30 days, and what they were before."""

    name = "engagement_metrics"
    noun = "members' activity"
    summary = f"How active each member was in the last 7 and 30 days. The score is {SCORE}"
    columns = (
        Column(FieldSpec("member_id", FieldType.INTEGER, "The member's number"), "pk"),
        Column(
            FieldSpec("display_name", FieldType.TEXT, "The name they go by", untrusted=True, personal=True),
            "display_name",
        ),
        Column(FieldSpec("email", FieldType.TEXT, "E-mail address", nullable=True, personal=True), "email"),
        Column(FieldSpec("status", FieldType.TEXT, "active or suspended"), "status"),
        Column(FieldSpec("joined_at", FieldType.INSTANT, "When they joined"), "joined_at"),
        Column(
            FieldSpec("last_active_at", FieldType.INSTANT, "When they last did something", nullable=True),
            "last_active_at",
        ),
        figure("days_since_active", "Whole days since they last did something", since("last_active_at"), nullable=True),
        *_period(WEEK),
        *_period(MONTH),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Member.objects.exclude(external_id=HOUSE)

    def sample(self) -> dict[str, Any]:
        week = {
            "posts_7d": 2,
            "answers_7d": 1,
            "comments_7d": 3,
            "reactions_given_7d": 4,
            "reactions_received_7d": 5,
            "xp_7d": 30,
            "active_days_7d": 3,
            "score_7d": 29,
            "score_previous_7d": 12,
            "score_change_7d": 17,
        }
        month = {
            "posts_30d": 5,
            "answers_30d": 2,
            "comments_30d": 8,
            "reactions_given_30d": 8,
            "reactions_received_30d": 11,
            "xp_30d": 70,
            "active_days_30d": 9,
            "score_30d": 72,
            "score_previous_30d": 80,
            "score_change_30d": -8,
        }
        return {
            "member_id": 42,
            "display_name": "Ada",
            "email": "ada@example.com",
            "status": "active",
            "joined_at": "2026-03-01T09:00:00Z",
            "last_active_at": "2026-11-20T17:30:00Z",
            "days_since_active": 0,
            **week,
            **month,
        }
