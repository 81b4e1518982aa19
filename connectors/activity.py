"""What members do: the rows that count as activity, and figures about it.

Activity is what a member did in public: posts of any kind, comments and reactions. Only published posts count, so that
what moderators took down earns nothing.
"""

from __future__ import annotations

from datetime import UTC

from django.db.models import DateField, DateTimeField, Func, QuerySet, Value

from apps_engine.contracts import ActionContext
from connectors.beside import Computed, about, ago, count, together
from decommerce.community.models import Comment, Post, PostKind, PostStatus, Reaction, XpEntry

# When a member did something.
_DONE = """
SELECT created_at AS at FROM community_post
WHERE tenant_id = asked.tenant_id AND author_id = asked.member_id AND status = 'published'
UNION ALL SELECT created_at FROM community_comment
WHERE tenant_id = asked.tenant_id AND author_id = asked.member_id
UNION ALL SELECT created_at FROM community_reaction
WHERE tenant_id = asked.tenant_id AND member_id = asked.member_id
"""
_ACTIVE_DAYS = """
(SELECT count(DISTINCT (at AT TIME ZONE 'UTC')::date)::integer
FROM (SELECT %(expressions)s) AS asked (tenant_id, member_id, since, until), LATERAL (%(done)s) AS done
WHERE at >= since AND at < until)
"""
# Gaps and islands: a day plus its place, counted from the newest, is the same for days that follow one another.
_STREAK = """
(SELECT %(told)s FROM (SELECT %(expressions)s) AS asked (tenant_id, member_id, today), LATERAL (
    SELECT day, day + row_number() OVER (ORDER BY day DESC)::integer AS island, max(day) OVER () AS newest
    FROM (SELECT DISTINCT (at AT TIME ZONE 'UTC')::date AS day FROM (%(done)s) AS done) AS days WHERE day <= today
) AS islands WHERE island = newest + 1 AND newest >= today - 1)
"""


def posts() -> QuerySet:
    """Published posts, questions and answers."""
    return Post.objects.filter(status=PostStatus.PUBLISHED)


def answers() -> QuerySet:
    """Those of them that answer a question."""
    return posts().filter(kind=PostKind.ANSWER)


def comments() -> QuerySet:
    """Comments."""
    return Comment.objects.all()


def reactions() -> QuerySet:
    """Reactions, whoever they are by."""
    return Reaction.objects.all()


def applause() -> QuerySet:
    """Reactions to published posts."""
    return Reaction.objects.filter(post__status=PostStatus.PUBLISHED)


def earnings() -> QuerySet:
    """XP that was awarded; what was spent on rewards or taken back is not among it."""
    return XpEntry.objects.filter(amount__gt=0)


def activity(days: int, before: int = 0) -> Computed:
    """How often a member did something in so many days, which ended `before`."""
    return together(
        count(posts, "author", days, before=before),
        count(comments, "author", days, before=before),
        count(reactions, "member", days, before=before),
    )


def active_days(days: int, before: int = 0) -> Computed:
    """On how many days (UTC) a member did something in so many days, which ended `before`."""
    return lambda context: about(_ACTIVE_DAYS, context, ago(context, before + days), ago(context, before), done=_DONE)


def streak(context: ActionContext) -> Func:
    """Days in a row, up to today or yesterday (UTC), on which a member did something: today is not over yet."""
    return about(_STREAK, context, _today(context), told="count(*)::integer", done=_DONE)


def streak_since(context: ActionContext) -> Func:
    """When the first of those days began (UTC); null where there are none."""
    told = "min(day)::timestamp AT TIME ZONE 'UTC'"
    return about(_STREAK, context, _today(context), output=DateTimeField(), told=told, done=_DONE)


def _today(context: ActionContext) -> Value:
    return Value(context.now.astimezone(UTC).date(), DateField())
