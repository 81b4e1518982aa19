"""Who claimed which reward."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since
from connectors.people import person
from decommerce.community.models import RewardClaim


class RewardClaims(TableConnector):
    """One row a claim."""

    name = "reward_claims"
    noun = "reward claims"
    summary = "Who claimed which reward, and whether they have it"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The claim's number"), "pk"),
        Column(FieldSpec("reward_id", FieldType.INTEGER, "The reward's number"), "reward_id"),
        Column(FieldSpec("reward_title", FieldType.TEXT, "The reward's title", untrusted=True), "reward__title"),
        Column(FieldSpec("cost_xp", FieldType.INTEGER, "What it costs in XP"), "reward__cost_xp"),
        *person("member", "The member"),
        Column(FieldSpec("status", FieldType.TEXT, "claimed, fulfilled or cancelled"), "status"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was claimed"), "created_at"),
        figure("days_since_claimed", "Whole days since then", since("created_at")),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return RewardClaim.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 90,
            "reward_id": 5,
            "reward_title": "Cup",
            "cost_xp": 500,
            "member_id": 42,
            "member_name": "Ada",
            "member_email": "ada@example.com",
            "status": "claimed",
            "created_at": "2026-11-18T15:00:00Z",
            "days_since_claimed": 2,
        }
