"""Telling members something in their inbox on the platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from actions.audience import To, resolve
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.notifications import NewNotification, NotificationResult, notify

# Enough for people to look into; the counts are complete.
MAX_LISTED = 100


class SendNotificationParams(BaseModel):
    """`to` is a member's id, a list of ids, a role like {"role": "moderator"}, or one of the named audiences."""

    model_config = ConfigDict(extra="forbid")

    to: To = Field(description="A member's id, a list of ids, moderators, admins, owners, team, everyone, or a role")
    title: str = Field(min_length=1, max_length=200, description="What it is about, in a few words")
    body: str = Field("", max_length=10_000, description="The text, plain")
    link: str = Field("", max_length=500, pattern=r"^(?:|/(?:[^/\\].*)?|https://.+)$", description="A page to open")
    topic: str = Field("", max_length=64, description="Members can turn off a topic")


class SendNotification(LocalAction[SendNotificationParams]):
    """One line in the inbox of everyone who is meant and wants it, however often the call is tried."""

    name = "send_notification"
    summary = "Tell members, the moderators or another audience something in their inbox"
    sentence = "sends notifications"
    Params = SendNotificationParams
    result = (
        FieldSpec("notified", FieldType.INTEGER, "How many members were told"),
        FieldSpec("outcomes", FieldType.OBJECT, "How many created, declined, suspended, not_found and duplicate"),
        FieldSpec("not_reached", FieldType.LIST, "member_id and reason of the first 100 who were not told"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "If nobody was told: why (declined, suspended, not_found, duplicate), or nobody, or several",
            nullable=True,
        ),
    )
    writes = ("notifications",)
    sends = ("notification",)
    targets = ("to",)

    def apply(self, batch: Sequence[Call[SendNotificationParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        recipients = resolve([call.params.to for call in batch])
        news = [
            _notification(call, member_id)
            for call, member_ids in zip(batch, recipients, strict=True)
            for member_id in member_ids
        ]
        outcomes = iter(notify(news))
        return [_result(member_ids, list(islice(outcomes, len(member_ids)))) for member_ids in recipients]


def _notification(call: Call[SendNotificationParams], member_id: int) -> NewNotification:
    params = call.params
    return NewNotification(
        member_id=member_id,
        title=params.title,
        body=params.body,
        link=params.link,
        topic=params.topic,
        idem_key=f"{call.key}#{member_id}",
    )


def _result(member_ids: Sequence[int], results: Sequence[NotificationResult]) -> dict[str, Any]:
    counts = Counter(result.outcome for result in results)
    missed = [
        {"member_id": member_id, "reason": result.outcome}
        for member_id, result in zip(member_ids, results, strict=True)
        if result.outcome != "created"
    ]
    return {
        "notified": counts["created"],
        "outcomes": dict(counts),
        "not_reached": missed[:MAX_LISTED],
        "skipped": None if counts["created"] else _why_nobody(counts),
    }


def _why_nobody(counts: Counter[str]) -> str:
    if not counts:
        return "nobody"
    return next(iter(counts)) if len(counts) == 1 else "several"
