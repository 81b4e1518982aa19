"""What members were told inside the platform."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since
from connectors.people import person
from decommerce.community.models import Notification


def _read(context: ActionContext) -> ExpressionWrapper:
    return ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())


class Notifications(TableConnector):
    """One row a line in a member's inbox."""

    name = "notifications"
    noun = "notifications"
    summary = "What members were told in their inboxes, and whether they read it"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The notification's number"), "pk"),
        *person("member", "The member"),
        # Apps write them of what members wrote.
        Column(FieldSpec("title", FieldType.TEXT, "Title", untrusted=True), "title"),
        Column(FieldSpec("body", FieldType.TEXT, "Text", untrusted=True), "body"),
        Column(FieldSpec("link", FieldType.TEXT, "Where it leads, or empty", untrusted=True), "link"),
        Column(FieldSpec("topic", FieldType.TEXT, "What it is about, or empty"), "topic"),
        Column(FieldSpec("app_id", FieldType.INTEGER, "The app that wrote it", nullable=True), "app_id"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was written"), "created_at"),
        Column(FieldSpec("read_at", FieldType.INSTANT, "When it was read", nullable=True), "read_at"),
        figure("is_read", "Whether it was read", _read, FieldType.BOOLEAN),
        figure("hours_since_created", "Whole hours since it was written", since("created_at", "hours")),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Notification.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 3001,
            "member_id": 42,
            "member_name": "Ada",
            "member_email": "ada@example.com",
            "title": "Your question has an answer",
            "body": "Grace wrote under “How do I brew cold coffee?”.",
            "link": "/posts/1001",
            "topic": "answers",
            "app_id": 7,
            "created_at": "2026-11-20T09:02:00Z",
            "read_at": None,
            "is_read": False,
            "hours_since_created": 23,
        }
