"""Telling members something: in their inbox on the platform, on their devices, or both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.audience import To, resolve
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.services.hints import hint_delivery
from decommerce.community.services.notifications import NewNotification, notify
from decommerce.push.messages import NewPush, queue_pushes

IN_APP, PUSH = "in_app", "push"
# Enough for people to look into; the counts are complete.
MAX_LISTED = 100
_REACHED = frozenset({"created", "queued"})
Channels = Annotated[list[Literal["in_app", "push"]], Field(min_length=1, max_length=2)]
Outcomes = list[str | None]


class SendNotificationParams(BaseModel):
    """`to` is a member's id, a list of ids, a role like {"role": "moderator"}, or one of the named audiences."""

    model_config = ConfigDict(extra="forbid")

    to: To = Field(description="A member's id, a list of ids, moderators, admins, owners, team, everyone, or a role")
    title: str = Field(min_length=1, max_length=200, description="What it is about, in a few words")
    body: str = Field(
        "", max_length=10_000, description="The text, plain; on a device the first 3,000 characters or so"
    )
    link: str = Field("", max_length=500, pattern=r"^(?:|/(?:[^/\\].*)?|https://.+)$", description="A page to open")
    topic: str = Field("", max_length=64, description="Members can turn off a topic")
    channels: Channels = Field(
        ["in_app"], description='["in_app"] for the inbox, ["push"] for members\' devices, or both'
    )


class SendNotification(LocalAction[SendNotificationParams]):
    """Everyone who is meant and wants it is told once on each channel, however often the call is tried."""

    name = "send_notification"
    summary = "Tell members, the moderators or another audience something in their inbox or on their devices"
    sentence = "sends notifications"
    Params = SendNotificationParams
    result = (
        FieldSpec("notified", FieldType.INTEGER, "How many members were told, on any channel"),
        FieldSpec("outcomes", FieldType.OBJECT, "Inboxes: how many created, declined, suspended, not_found, duplicate"),
        FieldSpec("push", FieldType.OBJECT, "Devices: how many queued, no_device, declined, suspended, ..."),
        FieldSpec("not_reached", FieldType.LIST, "member_id and reason of the first 100 who were not told"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "If nobody was told: why (declined, suspended, not_found, no_device, duplicate), or nobody, or several",
            nullable=True,
        ),
    )
    writes = ("notifications", "messages")
    sends = ("notification",)
    targets = ("to",)

    def shared(self, params: SendNotificationParams) -> bool:
        # A message that is delivered says which run wrote it.
        return PUSH not in params.channels

    def apply(self, batch: Sequence[Call[SendNotificationParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        recipients = resolve([call.params.to for call in batch])
        context.require_room(sum(len(members) for members in recipients))
        told = [(call, member_id) for call, members in zip(batch, recipients, strict=True) for member_id in members]
        inboxes, devices = iter(_in_inboxes(told)), iter(_on_devices(told))
        return [
            _result(members, list(islice(inboxes, len(members))), list(islice(devices, len(members))))
            for members in recipients
        ]


Told = Sequence[tuple[Call[SendNotificationParams], int]]


def _in_inboxes(told: Told) -> Outcomes:
    """What became of each in the inbox; None for calls that leave it alone."""
    results = iter(notify([_notification(call, member) for call, member in told if IN_APP in call.params.channels]))
    return [next(results).outcome if IN_APP in call.params.channels else None for call, _ in told]


def _on_devices(told: Told) -> Outcomes:
    """What became of each on the devices; None for calls that leave them alone."""
    wanted = [_push(call, member) for call, member in told if PUSH in call.params.channels]
    if not wanted:
        return [None] * len(told)
    results = iter(queue_pushes(wanted))
    hint_delivery()
    return [next(results) if PUSH in call.params.channels else None for call, _ in told]


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


def _push(call: Call[SendNotificationParams], member_id: int) -> NewPush:
    params = call.params
    return NewPush(
        member_id=member_id,
        title=params.title,
        text=params.body,
        link=params.link,
        topic=params.topic,
        idem_key=f"{call.key}#{member_id}#push",
    )


def _result(members: Sequence[int], inboxes: Outcomes, devices: Outcomes) -> dict[str, Any]:
    ways = [[outcome for outcome in both if outcome] for both in zip(inboxes, devices, strict=True)]
    missed = [
        {"member_id": member_id, "reason": outcomes[0]}
        for member_id, outcomes in zip(members, ways, strict=True)
        if not _REACHED & set(outcomes)
    ]
    return {
        "notified": len(members) - len(missed),
        "outcomes": _counted(inboxes),
        "push": _counted(devices),
        "not_reached": missed[:MAX_LISTED],
        "skipped": None if len(missed) < len(members) else _why_nobody({str(miss["reason"]) for miss in missed}),
    }


def _counted(outcomes: Outcomes) -> dict[str, int]:
    return dict(Counter(outcome for outcome in outcomes if outcome))


def _why_nobody(reasons: set[str]) -> str:
    if not reasons:
        return "nobody"
    return next(iter(reasons)) if len(reasons) == 1 else "several"
