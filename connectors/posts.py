"""Posts in the community's rooms."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.activity import answers, comments, reactions
from connectors.beside import WEEK, count, exists, figure, newest, since, together
from connectors.people import person
from decommerce.community.models import Flag, Post


def _flags() -> QuerySet:
    return Flag.objects.filter(resolved_at=None)


RESPONSE = (
    figure("flagged", "Whether a flag on it is open", exists(_flags, post=OuterRef("pk")), FieldType.BOOLEAN),
    figure("flags_open", "Open flags on it", count(_flags, "post")),
    figure("answers_count", "Answers to it", count(answers, "parent")),
    figure("reactions_count", "Reactions to it", count(reactions, "post")),
    figure("reactions_7d", "Reactions to it in the last 7 days", count(reactions, "post", WEEK)),
    figure("comments_7d", "Comments in the last 7 days", count(comments, "post", WEEK)),
    figure(
        "responses_count",
        "Comments, answers and reactions together",
        together(count(comments, "post"), count(answers, "parent"), count(reactions, "post")),
    ),
    figure("last_comment_at", "When it was last commented", newest(comments, "post"), FieldType.INSTANT, nullable=True),
    figure("hours_since_created", "Whole hours since it was written", since("created_at", "hours")),
    figure("days_since_created", "Whole days since it was written", since("created_at")),
)


class Posts(TableConnector):
    """One row a post, whatever its status."""

    name = "posts"
    noun = "posts"
    summary = "Posts, questions and answers with their authors, rooms, scores, status and what came back"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The post's number"), "pk"),
        Column(FieldSpec("title", FieldType.TEXT, "Title; empty for answers", untrusted=True), "title"),
        Column(FieldSpec("body", FieldType.TEXT, "The whole text", untrusted=True), "body"),
        Column(FieldSpec("body_length", FieldType.INTEGER, "Characters in the text"), "body_length"),
        Column(FieldSpec("kind", FieldType.TEXT, "post, question or answer"), "kind"),
        Column(FieldSpec("status", FieldType.TEXT, "published, hidden, review or removed"), "status"),
        Column(FieldSpec("score", FieldType.INTEGER, "Votes for it less votes against it"), "score"),
        Column(FieldSpec("comment_count", FieldType.INTEGER, "How many comments it has"), "comment_count"),
        *person("author", "The author"),
        Column(FieldSpec("author_joined_at", FieldType.INSTANT, "When the author joined"), "author__joined_at"),
        Column(FieldSpec("author_xp", FieldType.INTEGER, "The author's XP"), "author__xp"),
        Column(FieldSpec("room_id", FieldType.INTEGER, "The room's number", nullable=True), "room_id"),
        Column(FieldSpec("room_name", FieldType.TEXT, "The room's name", nullable=True), "room__name"),
        Column(FieldSpec("parent_id", FieldType.INTEGER, "The question of an answer", nullable=True), "parent_id"),
        Column(
            FieldSpec("parent_title", FieldType.TEXT, "That question's title", nullable=True, untrusted=True),
            "parent__title",
        ),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was written"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it was last changed"), "updated_at"),
        *RESPONSE,
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Post.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 1001,
            "title": "How do I brew cold coffee?",
            "body": "I tried twelve hours in the fridge and it came out bitter.",
            "body_length": 58,
            "kind": "question",
            "status": "published",
            "score": 7,
            "comment_count": 2,
            "author_id": 42,
            "author_name": "Ada",
            "author_email": "ada@example.com",
            "author_joined_at": "2026-03-01T09:00:00Z",
            "author_xp": 120,
            "room_id": 3,
            "room_name": "Brewing",
            "parent_id": None,
            "parent_title": None,
            "created_at": "2026-11-20T08:15:00Z",
            "updated_at": "2026-11-20T08:15:00Z",
            "flagged": False,
            "flags_open": 0,
            "answers_count": 1,
            "reactions_count": 7,
            "reactions_7d": 7,
            "comments_7d": 2,
            "responses_count": 10,
            "last_comment_at": "2026-11-20T09:02:00Z",
            "hours_since_created": 24,
            "days_since_created": 1,
        }
