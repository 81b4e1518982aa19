"""Members of the community."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import Member
from decommerce.community.services.members import HOUSE


class Users(TableConnector):
    """One row a member; the one in whose name the platform writes is not among them."""

    name = "users"
    noun = "members"
    summary = "Members of the community with their activity, XP and role"
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
        Column(FieldSpec("engagement_score", FieldType.DECIMAL, "How active they are"), "engagement_score"),
        Column(FieldSpec("streak_days", FieldType.INTEGER, "Days in a row with activity"), "streak_days"),
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
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Member.objects.with_role().exclude(external_id=HOUSE)

    def sample(self) -> dict[str, Any]:
        return {
            "id": 42,
            "display_name": "Ada",
            "email": "ada@example.com",
            "role": "member",
            "status": "active",
            "xp": 120,
            "level": 2,
            "engagement_score": Decimal("12.50"),
            "streak_days": 3,
            "country": "CH",
            "location": "Zürich",
            "bio": "I like analytical engines.",
            "joined_at": "2026-03-01T09:00:00Z",
            "last_active_at": "2026-11-20T17:30:00Z",
        }
