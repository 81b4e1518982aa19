"""What members did for the community."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since
from connectors.people import person
from decommerce.community.models import Contribution


class Contributions(TableConnector):
    """One row a contribution."""

    name = "contributions"
    noun = "contributions"
    summary = "What members did for the community: badges, reviews, referrals, featured posts"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The contribution's number"), "pk"),
        Column(FieldSpec("kind", FieldType.TEXT, "A word: badge, referral, review, featured_post"), "kind"),
        # Often made of what a member wrote, such as the title of the post that was featured.
        Column(FieldSpec("title", FieldType.TEXT, "What it was", untrusted=True), "title"),
        Column(FieldSpec("points", FieldType.INTEGER, "What it is worth"), "points"),
        *person("member", "The member"),
        Column(FieldSpec("post_id", FieldType.INTEGER, "The post it was for", nullable=True), "post_id"),
        Column(
            FieldSpec("post_title", FieldType.TEXT, "That post's title", nullable=True, untrusted=True), "post__title"
        ),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was made"), "created_at"),
        figure("days_since_created", "Whole days since it was made", since("created_at")),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return Contribution.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 801,
            "kind": "featured_post",
            "title": "Featured: How do I brew cold coffee?",
            "points": 20,
            "member_id": 42,
            "member_name": "Ada",
            "member_email": "ada@example.com",
            "post_id": 1001,
            "post_title": "How do I brew cold coffee?",
            "created_at": "2026-11-20T12:00:00Z",
            "days_since_created": 0,
        }
