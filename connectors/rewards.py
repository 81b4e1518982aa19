"""Rewards of the community."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import MONTH, WEEK, count, figure, newest, since
from decommerce.community.models import ClaimStatus, Reward, RewardClaim


def _claims() -> QuerySet:
    return RewardClaim.objects.exclude(status=ClaimStatus.CANCELLED)


def _waiting() -> QuerySet:
    return RewardClaim.objects.filter(status=ClaimStatus.CLAIMED)


class Rewards(TableConnector):
    """One row a reward. A claim that was cancelled counts nowhere."""

    name = "rewards"
    noun = "rewards"
    summary = "Rewards with what they cost, how many are left and how often they were claimed"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The reward's number"), "pk"),
        Column(FieldSpec("title", FieldType.TEXT, "Title", untrusted=True), "title"),
        Column(FieldSpec("description", FieldType.TEXT, "What one gets", untrusted=True), "description"),
        Column(FieldSpec("status", FieldType.TEXT, "active or ended"), "status"),
        Column(FieldSpec("cost_xp", FieldType.INTEGER, "What it costs in XP"), "cost_xp"),
        Column(FieldSpec("stock", FieldType.INTEGER, "How many are left; null: no limit", nullable=True), "stock"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was made"), "created_at"),
        figure("days_since_created", "Whole days since it was made", since("created_at")),
        figure("claims_total", "How often it was claimed", count(_claims, "reward")),
        figure("claims_7d", "How often in the last 7 days", count(_claims, "reward", WEEK)),
        figure("claims_30d", "How often in the last 30 days", count(_claims, "reward", MONTH)),
        figure("claims_waiting", "Claims that the team has not fulfilled yet", count(_waiting, "reward")),
        figure(
            "last_claim_at", "When it was last claimed", newest(_claims, "reward"), FieldType.INSTANT, nullable=True
        ),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Reward.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 5,
            "title": "Cup",
            "description": "180 ml, glazed by hand.",
            "status": "active",
            "cost_xp": 500,
            "stock": 12,
            "created_at": "2026-09-01T09:00:00Z",
            "days_since_created": 81,
            "claims_total": 8,
            "claims_7d": 1,
            "claims_30d": 3,
            "claims_waiting": 1,
            "last_claim_at": "2026-11-18T15:00:00Z",
        }
