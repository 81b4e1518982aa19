"""Who is in which room."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.activity import posts
from connectors.beside import MONTH, Computed, ago, figure, since
from connectors.people import person
from decommerce.community.models import RoomMember


def _posts_there(days: int | None = None) -> Computed:
    def computed(context: ActionContext) -> Subquery:
        rows = posts().filter(author=OuterRef("member"), room=OuterRef("room"))
        if days is not None:
            rows = rows.filter(created_at__gte=ago(context, days))
        return Subquery(rows.annotate(found=Func(template="COUNT(*)", output_field=IntegerField())).values("found"))

    return computed


class RoomMembers(TableConnector):
    """One row a member in a room."""

    name = "room_members"
    noun = "room members"
    summary = "Who is in which room, since when, and what they wrote there"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The number of this membership"), "pk"),
        Column(FieldSpec("room_id", FieldType.INTEGER, "The room's number"), "room_id"),
        Column(FieldSpec("room_name", FieldType.TEXT, "The room's name"), "room__name"),
        Column(FieldSpec("room_status", FieldType.TEXT, "active or archived"), "room__status"),
        *person("member", "The member"),
        Column(FieldSpec("member_status", FieldType.TEXT, "active or suspended"), "member__status"),
        Column(FieldSpec("joined_at", FieldType.INSTANT, "When they came in"), "joined_at"),
        figure("days_since_joined", "Whole days since they came in", since("joined_at")),
        figure("posts_total", "Posts of any kind by them in this room", _posts_there()),
        figure("posts_30d", "Those of the last 30 days", _posts_there(MONTH)),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return RoomMember.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 311,
            "room_id": 3,
            "room_name": "Brewing",
            "room_status": "active",
            "member_id": 42,
            "member_name": "Ada",
            "member_email": "ada@example.com",
            "member_status": "active",
            "joined_at": "2026-03-02T10:00:00Z",
            "days_since_joined": 263,
            "posts_total": 9,
            "posts_30d": 3,
        }
