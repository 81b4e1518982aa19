"""How far members are with their missions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since, until
from connectors.people import person
from decommerce.community.models import UserMission


class UserMissions(TableConnector):
    """One row a member's mission."""

    name = "user_missions"
    noun = "members' missions"
    summary = "Which member took on or completed which mission, with progress and deadline"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The number of this undertaking"), "pk"),
        Column(FieldSpec("mission_id", FieldType.INTEGER, "The mission's number"), "mission_id"),
        Column(FieldSpec("mission_title", FieldType.TEXT, "The mission's title", untrusted=True), "mission__title"),
        Column(FieldSpec("mission_status", FieldType.TEXT, "draft, active or ended"), "mission__status"),
        Column(FieldSpec("xp_reward", FieldType.INTEGER, "XP for completing it"), "mission__xp_reward"),
        Column(FieldSpec("ends_at", FieldType.INSTANT, "When the mission ends", nullable=True), "mission__ends_at"),
        *person("member", "The member"),
        Column(FieldSpec("status", FieldType.TEXT, "started or completed"), "status"),
        Column(FieldSpec("progress", FieldType.INTEGER, "In percent"), "progress"),
        Column(FieldSpec("started_at", FieldType.INSTANT, "When they took it on"), "started_at"),
        Column(FieldSpec("completed_at", FieldType.INSTANT, "When they completed it", nullable=True), "completed_at"),
        figure("days_since_started", "Whole days since they took it on", since("started_at")),
        figure(
            "days_left",
            "Whole days until it ends; less than 0 afterwards",
            until("mission__ends_at"),
            nullable=True,
        ),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return UserMission.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 501,
            "mission_id": 12,
            "mission_title": "Share a recipe",
            "mission_status": "active",
            "xp_reward": 80,
            "ends_at": "2026-11-30T23:00:00Z",
            "member_id": 42,
            "member_name": "Ada",
            "member_email": "ada@example.com",
            "status": "started",
            "progress": 40,
            "started_at": "2026-11-10T09:00:00Z",
            "completed_at": None,
            "days_since_started": 11,
            "days_left": 9,
        }
