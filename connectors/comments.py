"""Comments under posts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import Comment


class Comments(TableConnector):
    """One row a comment."""

    name = "comments"
    noun = "comments"
    summary = "Comments with their authors and the posts that they are about"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The comment's number"), "pk"),
        Column(FieldSpec("body", FieldType.TEXT, "The whole text", untrusted=True), "body"),
        Column(FieldSpec("score", FieldType.INTEGER, "Votes for it"), "score"),
        Column(FieldSpec("post_id", FieldType.INTEGER, "The post's number"), "post_id"),
        Column(FieldSpec("post_title", FieldType.TEXT, "The post's title", untrusted=True), "post__title"),
        Column(FieldSpec("author_id", FieldType.INTEGER, "The author's number"), "author_id"),
        Column(
            FieldSpec("author_name", FieldType.TEXT, "The author's name", untrusted=True, personal=True),
            "author__display_name",
        ),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was written"), "created_at"),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Comment.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 5001,
            "body": "Try eight hours and a coarser grind.",
            "score": 3,
            "post_id": 1001,
            "post_title": "How do I brew cold coffee?",
            "author_id": 43,
            "author_name": "Grace",
            "created_at": "2026-11-20T09:02:00Z",
        }
