"""Missions of the community."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Func, QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import MONTH, WEEK, count, figure, since, until
from decommerce.community.models import Mission, UserMission, UserMissionStatus


def _taken() -> QuerySet:
    return UserMission.objects.all()


def _completed() -> QuerySet:
    return UserMission.objects.filter(status=UserMissionStatus.COMPLETED)


def _under_way() -> QuerySet:
    return UserMission.objects.filter(status=UserMissionStatus.STARTED)


def _completion_rate(context: ActionContext) -> Func:
    completed, everyone = count(_completed, "mission")(context), count(_taken, "mission")(context)
    template = "ROUND(100.0 * %(expressions)s, 1)"
    return Func(
        completed,
        Func(everyone, template="NULLIF(%(expressions)s, 0)"),
        template=template,
        arg_joiner=" / ",
        output_field=DecimalField(max_digits=5, decimal_places=1),
    )


class Missions(TableConnector):
    """One row a mission."""

    name = "missions"
    noun = "missions"
    summary = "Missions with what they earn, when they end and how many work on them or completed them"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The mission's number"), "pk"),
        Column(FieldSpec("title", FieldType.TEXT, "Title", untrusted=True), "title"),
        Column(FieldSpec("description", FieldType.TEXT, "What is to be done", untrusted=True), "description"),
        Column(FieldSpec("status", FieldType.TEXT, "draft, active or ended"), "status"),
        Column(FieldSpec("xp_reward", FieldType.INTEGER, "XP for completing it"), "xp_reward"),
        Column(FieldSpec("starts_at", FieldType.INSTANT, "When it begins", nullable=True), "starts_at"),
        Column(FieldSpec("ends_at", FieldType.INSTANT, "When it ends", nullable=True), "ends_at"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was made"), "created_at"),
        figure("days_since_created", "Whole days since it was made", since("created_at")),
        figure("days_left", "Whole days until it ends; less than 0 once it is over", until("ends_at"), nullable=True),
        figure("hours_left", "Whole hours until it ends", until("ends_at", "hours"), nullable=True),
        figure("participants", "Members who took it on", count(_taken, "mission")),
        figure("participants_30d", "Who did in the last 30 days", count(_taken, "mission", MONTH, at="started_at")),
        figure("in_progress", "Members who are still at it", count(_under_way, "mission")),
        figure("completed", "Members who completed it", count(_completed, "mission")),
        figure("completed_7d", "Who did in the last 7 days", count(_completed, "mission", WEEK, at="completed_at")),
        figure("completed_30d", "Who did in the last 30 days", count(_completed, "mission", MONTH, at="completed_at")),
        figure(
            "completion_rate",
            "Percent of the participants who completed it; null without any",
            _completion_rate,
            FieldType.DECIMAL,
            nullable=True,
        ),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Mission.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 12,
            "title": "Share a recipe",
            "description": "Post one that you brew every day.",
            "status": "active",
            "xp_reward": 80,
            "starts_at": "2026-11-01T00:00:00Z",
            "ends_at": "2026-11-30T23:00:00Z",
            "created_at": "2026-10-28T09:00:00Z",
            "days_since_created": 24,
            "days_left": 9,
            "hours_left": 230,
            "participants": 24,
            "participants_30d": 24,
            "in_progress": 11,
            "completed": 13,
            "completed_7d": 4,
            "completed_30d": 13,
            "completion_rate": Decimal("54.2"),
        }
