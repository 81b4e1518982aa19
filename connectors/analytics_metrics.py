"""Figures about the community as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Aggregate, Count, F, QuerySet, Sum

from apps_engine.contracts import ActionContext, Column, SummaryConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.activity import answers, comments, earnings, posts, reactions
from connectors.commerce import orders
from connectors.windows import PERIODS, Figures, figures, recent, standing, visits, within
from decommerce.community.models import (
    ClaimStatus,
    Contribution,
    Flag,
    Member,
    PostKind,
    RewardClaim,
    RoomMember,
    ShopifyCheckout,
    UserMission,
    UserMissionStatus,
)
from decommerce.community.services.members import HOUSE

Row = Mapping[str, Any]
TENTH, PERCENT = Decimal("0.1"), Decimal(100)


@dataclass(frozen=True, slots=True)
class Flow:
    """Something that happens: how many of the rows, or the sum of their `of`, have their time `at` in a period."""

    name: str
    label: str
    rows: Callable[[], QuerySet]
    at: str = "created_at"
    aggregate: type[Aggregate] = Count
    of: str = "pk"

    def figures(self, context: ActionContext) -> Figures:
        rows = recent(self.rows(), self.at, context)
        return figures(rows.aggregate(**within(self.at, self.aggregate, self.of, context)))


@dataclass(frozen=True, slots=True)
class Stock:
    """Something that is there: how many of the rows stand at the end of a period."""

    name: str
    label: str
    rows: Callable[[], QuerySet]
    since: str
    until: str | None = None

    def figures(self, context: ActionContext) -> Figures:
        return figures(self.rows().aggregate(**standing(self.since, self.until, context)))


def _members() -> QuerySet:
    return Member.objects.exclude(external_id=HOUSE)


def _questions() -> QuerySet:
    return posts().filter(kind=PostKind.QUESTION)


def _referrals() -> QuerySet:
    return Contribution.objects.filter(kind="referral")


def _completed() -> QuerySet:
    return UserMission.objects.filter(status=UserMissionStatus.COMPLETED)


def _claims() -> QuerySet:
    return RewardClaim.objects.exclude(status=ClaimStatus.CANCELLED)


METRICS: tuple[Flow | Stock, ...] = (
    Stock("members_total", "Members", _members, "joined_at"),
    Flow("new_members", "New members", _members, "joined_at"),
    Flow("posts", "Posts of any kind", posts),
    Flow("questions", "Questions", _questions),
    Flow("answers", "Answers", answers),
    Flow("comments", "Comments", comments),
    Flow("reactions", "Reactions", reactions),
    Flow("room_joins", "Members who entered a room", RoomMember.objects.all, "joined_at"),
    Flow("contributions", "Contributions", Contribution.objects.all),
    Flow("referrals", "Referrals", _referrals),
    Flow("xp_awarded", "XP awarded", earnings, "created_at", Sum, "amount"),
    Flow("missions_started", "Missions taken on", UserMission.objects.all, "started_at"),
    Flow("missions_completed", "Missions completed", _completed, "completed_at"),
    Flow("rewards_claimed", "Rewards claimed", _claims),
    Flow("flags_raised", "Flags raised", Flag.objects.all),
    Stock("flags_open", "Open flags", Flag.objects.all, "created_at", "resolved_at"),
    Flow("orders", "Orders", orders),
    Flow("checkouts", "Checkouts begun", ShopifyCheckout.objects.all),
)
ACTIVE, CHURNED, REVENUE = "active_members", "churned_members", "revenue"
NAMES = (*(metric.name for metric in METRICS), ACTIVE, CHURNED, REVENUE)


class AnalyticsMetrics(SummaryConnector):
    """One row a figure and period (revenue: and currency), with a constant number of queries."""

    name = "analytics_metrics"
    noun = "figures"
    summary = (
        "Figures about the whole community for the last day, week and month (24 hours, 7 and 30 days back from now), "
        "each with what it was in as long a time before"
    )
    columns = (
        Column(FieldSpec("metric", FieldType.TEXT, f"One of: {', '.join(NAMES)}"), "metric"),
        Column(FieldSpec("label", FieldType.TEXT, "The same in words"), "label"),
        Column(FieldSpec("period", FieldType.TEXT, "day, week or month"), "period"),
        Column(FieldSpec("currency", FieldType.TEXT, "Of revenue, an ISO 4217 code like EUR; else empty"), "currency"),
        Column(FieldSpec("value", FieldType.DECIMAL, "The figure"), "value"),
        Column(FieldSpec("previous", FieldType.DECIMAL, "What it was in the period before"), "previous"),
        Column(FieldSpec("change", FieldType.DECIMAL, "The figure less what it was before"), "change"),
        Column(
            FieldSpec("change_percent", FieldType.DECIMAL, "The change in percent; null from 0", nullable=True),
            "change_percent",
        ),
        Column(FieldSpec("starts_at", FieldType.INSTANT, "When the period began"), "starts_at"),
        Column(FieldSpec("ends_at", FieldType.INSTANT, "When it ends: now"), "ends_at"),
    )

    def rows(self, context: ActionContext) -> Sequence[Row]:
        active, churned = visits(context)
        return [
            *(row for metric in METRICS for row in _told(metric.name, metric.label, metric.figures(context), context)),
            *_told(ACTIVE, "Members who did something", active, context),
            *_told(CHURNED, "Members of the period before who did not come back", churned, context),
            *_revenue(context),
        ]

    def sample(self) -> dict[str, Any]:
        return {
            "metric": "posts",
            "label": "Posts of any kind",
            "period": "week",
            "currency": "",
            "value": Decimal(12),
            "previous": Decimal(9),
            "change": Decimal(3),
            "change_percent": Decimal("33.3"),
            "starts_at": "2026-11-14T09:00:00Z",
            "ends_at": "2026-11-21T09:00:00Z",
        }


def _revenue(context: ActionContext) -> Iterator[Row]:
    """What orders cost less refunds, by the day of the order; one row of 0 without a currency where there are none."""
    rows = recent(orders(), "created_at", context).order_by().values("currency")
    paid = within("created_at", Sum, F("total_price") - F("total_refunded"), context)
    found = {row["currency"]: figures(row) for row in rows.annotate(**paid).order_by("currency")}
    for currency, by_period in (found or {"": {period: (Decimal(0), Decimal(0)) for period in PERIODS}}).items():
        yield from _told(REVENUE, f"Revenue {currency}".rstrip(), by_period, context, currency)


def _told(name: str, label: str, by_period: Figures, context: ActionContext, currency: str = "") -> Iterator[Row]:
    for period, (value, previous) in by_period.items():
        change = value - previous
        percent = (PERCENT * change / previous).quantize(TENTH, ROUND_HALF_UP) if previous else None
        yield {
            "metric": name,
            "label": label,
            "period": period,
            "currency": currency,
            "value": value,
            "previous": previous,
            "change": change,
            "change_percent": percent,
            "starts_at": context.now - timedelta(days=PERIODS[period]),
            "ends_at": context.now,
        }
