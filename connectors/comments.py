"""Comments under posts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since
from connectors.people import person
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
        *person("author", "The author"),
        Column(FieldSpec("author_joined_at", FieldType.INSTANT, "When the author joined"), "author__joined_at"),
        Column(FieldSpec("post_id", FieldType.INTEGER, "The post's number"), "post_id"),
        Column(FieldSpec("post_title", FieldType.TEXT, "The post's title", untrusted=True), "post__title"),
        Column(FieldSpec("post_author_id", FieldType.INTEGER, "The number of the post's author"), "post__author_id"),
        Column(
            FieldSpec(
                "post_author_name", FieldType.TEXT, "The name of the post's author", untrusted=True, personal=True
            ),
            "post__author__display_name",
        ),
        Column(
            FieldSpec(
                "post_author_email", FieldType.TEXT, "The address of the post's author", nullable=True, personal=True
            ),
            "post__author__email",
        ),
        Column(FieldSpec("room_id", FieldType.INTEGER, "The room's number", nullable=True), "post__room_id"),
        Column(FieldSpec("room_name", FieldType.TEXT, "The room's name", nullable=True), "post__room__name"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was written"), "created_at"),
        figure("body_length", "Characters in the text", lambda context: Length("body")),
        figure("hours_since_created", "Whole hours since it was written", since("created_at", "hours")),
        figure("days_since_created", "Whole days since it was written", since("created_at")),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Comment.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 5001,
            "body": "Try eight hours and a coarser grind.",
            "score": 3,
            "author_id": 43,
            "author_name": "Grace",
            "author_email": "grace@example.com",
            "author_joined_at": "2026-05-11T07:20:00Z",
            "post_id": 1001,
            "post_title": "How do I brew cold coffee?",
            "post_author_id": 42,
            "post_author_name": "Ada",
            "post_author_email": "ada@example.com",
            "room_id": 3,
            "room_name": "Brewing",
            "created_at": "2026-11-20T09:02:00Z",
            "body_length": 36,
            "hours_since_created": 23,
            "days_since_created": 0,
        }
