"""Posts in the community's rooms."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import Flag, Post


class Posts(TableConnector):
    """One row a post, whatever its status."""

    name = "posts"
    noun = "posts"
    summary = "Posts, questions and answers with their authors, rooms, scores and status"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The post's number"), "pk"),
        Column(FieldSpec("title", FieldType.TEXT, "Title; empty for answers", untrusted=True), "title"),
        Column(FieldSpec("body", FieldType.TEXT, "The whole text", untrusted=True), "body"),
        Column(FieldSpec("body_length", FieldType.INTEGER, "Characters in the text"), "body_length"),
        Column(FieldSpec("kind", FieldType.TEXT, "post, question or answer"), "kind"),
        Column(FieldSpec("status", FieldType.TEXT, "published, hidden, review or removed"), "status"),
        Column(FieldSpec("flagged", FieldType.BOOLEAN, "Whether a flag on it is open"), "flagged"),
        Column(FieldSpec("score", FieldType.INTEGER, "Votes for it less votes against it"), "score"),
        Column(FieldSpec("comment_count", FieldType.INTEGER, "How many comments it has"), "comment_count"),
        Column(FieldSpec("author_id", FieldType.INTEGER, "The author's number"), "author_id"),
        Column(
            FieldSpec("author_name", FieldType.TEXT, "The author's name", untrusted=True, personal=True),
            "author__display_name",
        ),
        Column(FieldSpec("room_id", FieldType.INTEGER, "The room's number", nullable=True), "room_id"),
        Column(FieldSpec("room_name", FieldType.TEXT, "The room's name", nullable=True), "room__name"),
        Column(FieldSpec("parent_id", FieldType.INTEGER, "The question of an answer", nullable=True), "parent_id"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was written"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it was last changed"), "updated_at"),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        open_flags = Flag.objects.filter(post_id=OuterRef("pk"), resolved_at=None)
        return Post.objects.annotate(flagged=Exists(open_flags))

    def sample(self) -> dict[str, Any]:
        return {
            "id": 1001,
            "title": "How do I brew cold coffee?",
            "body": "I tried twelve hours in the fridge and it came out bitter.",
            "body_length": 58,
            "kind": "question",
            "status": "published",
            "flagged": False,
            "score": 7,
            "comment_count": 2,
            "author_id": 42,
            "author_name": "Ada",
            "room_id": 3,
            "room_name": "Brewing",
            "parent_id": None,
            "created_at": "2026-11-20T08:15:00Z",
            "updated_at": "2026-11-20T08:15:00Z",
        }
