"""What happened in the last day, week and month, and in as long a time before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, Q, QuerySet
from django.db.models.expressions import Combinable

from apps_engine.contracts import ActionContext
from decommerce.community.services.members import HOUSE

PERIODS: Mapping[str, int] = {"day": 1, "week": 7, "month": 30}
# (now, before) by period.
Figures = Mapping[str, tuple[Decimal, Decimal]]

# In which of a period's last three windows each member did something, and whether they came back in the next.
_VISITS = """
WITH done AS (
    SELECT author_id AS member_id, created_at AS at FROM community_post
    WHERE tenant_id = %(tenant)s AND created_at >= %(since)s AND status = 'published'
    UNION ALL SELECT author_id, created_at FROM community_comment
    WHERE tenant_id = %(tenant)s AND created_at >= %(since)s
    UNION ALL SELECT member_id, created_at FROM community_reaction
    WHERE tenant_id = %(tenant)s AND created_at >= %(since)s AND member_id IS NOT NULL
), active_days AS (
    SELECT DISTINCT member_id, greatest(floor(date_part('epoch', %(now)s - at) / 86400), 0)::integer AS day FROM done
), visits AS (
    SELECT DISTINCT period.days, active.member_id, active.day / period.days AS ago
    FROM active_days active CROSS JOIN unnest(%(days)s::integer[]) AS period (days)
    WHERE active.day < 3 * period.days AND active.member_id NOT IN (
        SELECT id FROM community_member WHERE tenant_id = %(tenant)s AND external_id = %(house)s)
), returns AS (
    SELECT days, ago, lag(ago) OVER (PARTITION BY days, member_id ORDER BY ago) IS NOT DISTINCT FROM ago - 1 AS returned
    FROM visits
)
SELECT days, count(*) FILTER (WHERE ago = 0), count(*) FILTER (WHERE ago = 1),
    count(*) FILTER (WHERE ago = 1 AND NOT returned), count(*) FILTER (WHERE ago = 2 AND NOT returned)
FROM returns GROUP BY days
"""


def within(at: str, aggregate: type[Aggregate], of: str | Combinable, context: ActionContext) -> dict[str, Aggregate]:
    """An aggregate over each window by the time `at`; see `figures`."""
    found = {}
    for period, days in PERIODS.items():
        now, before = _back(context, days), _back(context, 2 * days)
        found[f"{period}_now"] = aggregate(of, filter=Q(**{f"{at}__gte": now}))
        found[f"{period}_before"] = aggregate(of, filter=Q(**{f"{at}__gte": before, f"{at}__lt": now}))
    return found


def standing(since: str, until: str | None, context: ActionContext) -> dict[str, Aggregate]:
    """How many rows stood at each window's end: from the time `since` to the time `until`, if that ever comes."""
    found = {}
    for period, days in PERIODS.items():
        found[f"{period}_now"] = Count("pk", filter=_stood(since, until, context.now))
        found[f"{period}_before"] = Count("pk", filter=_stood(since, until, _back(context, days)))
    return found


def figures(row: Mapping[str, Any]) -> Figures:
    """What was aggregated, by period; nothing at all is 0."""
    return {period: (Decimal(row[f"{period}_now"] or 0), Decimal(row[f"{period}_before"] or 0)) for period in PERIODS}


def recent(rows: QuerySet, at: str, context: ActionContext) -> QuerySet:
    """Those of the rows that any window can hold."""
    return rows.filter(**{f"{at}__gte": _back(context, 2 * max(PERIODS.values()))})


def visits(context: ActionContext) -> tuple[Figures, Figures]:
    """How many members did something in a period, and how many of the period before did not come back."""
    days = list(PERIODS.values())
    with connection.cursor() as cursor:
        cursor.execute(
            _VISITS,
            {
                "tenant": context.tenant_id,
                "now": context.now,
                "since": _back(context, 3 * max(days)),
                "days": days,
                "house": HOUSE,
            },
        )
        found = {row[0]: [Decimal(number) for number in row[1:]] for row in cursor.fetchall()}
    nothing = [Decimal(0)] * 4
    by_period = {period: found.get(length, nothing) for period, length in PERIODS.items()}
    active = {period: (row[0], row[1]) for period, row in by_period.items()}
    churned = {period: (row[2], row[3]) for period, row in by_period.items()}
    return active, churned


def _stood(since: str, until: str | None, at: datetime) -> Q:
    stood = Q(**{f"{since}__lte": at})
    return stood if until is None else stood & (Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": at}))


def _back(context: ActionContext, days: int) -> datetime:
    return context.now - timedelta(days=days)
