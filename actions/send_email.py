"""Writing e-mails; a worker delivers them after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from actions.identifiers import RowId
from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.services.hints import hint_delivery
from decommerce.community.models import MessageChannel
from decommerce.community.services.members import members_by_email
from decommerce.community.services.messages import MAX_SUBJECT, NewMessage, queue_messages


class SendEmailParams(BaseModel):
    """`to` is one address, or a member's id: one call writes one e-mail, and a loop writes many.

    A body is plain text; a link by which a member stops e-mails is added at its foot.
    """

    model_config = ConfigDict(extra="forbid")

    to: RowId | Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320)] = Field(
        description="An address or a member's id"
    )
    subject: str = Field(min_length=1, max_length=MAX_SUBJECT, description="The subject, on one line")
    body: str = Field(min_length=1, max_length=100_000, description="The text, plain")
    topic: str = Field("", max_length=64, description="Members can turn off a topic")


class SendEmail(LocalAction[SendEmailParams]):
    """One message a call, however often the call is tried, with the same Message-ID at every delivery attempt."""

    name = "send_email"
    summary = "Write an e-mail to a member or to an address"
    sentence = "sends e-mails"
    Params = SendEmailParams
    result = (
        FieldSpec("message_id", FieldType.INTEGER, "The message in the outbox", nullable=True),
        FieldSpec("queued", FieldType.BOOLEAN, "Whether this call put it there to be sent"),
        FieldSpec(
            "skipped",
            FieldType.TEXT,
            "Why it is not sent: suppressed (the member declined or is suspended, or mail to the address comes back), "
            "not_found, no_address, bad_address or duplicate",
            nullable=True,
        ),
    )
    writes = ("messages",)
    sends = ("email",)
    targets = ("to",)
    spends = "email"

    def apply(self, batch: Sequence[Call[SendEmailParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        owners = members_by_email(call.params.to for call in batch if isinstance(call.params.to, str))
        hint_delivery()
        return [
            {
                "message_id": result.message_id,
                "queued": result.outcome == "queued",
                "skipped": None if result.outcome == "queued" else result.outcome,
            }
            for result in queue_messages([_message(call, owners) for call in batch])
        ]


def _message(call: Call[SendEmailParams], owners: Mapping[str, int]) -> NewMessage:
    """A member's address is treated as that member: what they declined holds however they are named."""
    params = call.params
    address, member_id = (params.to, owners.get(params.to.lower())) if isinstance(params.to, str) else ("", params.to)
    return NewMessage(
        idem_key=call.key,
        body=params.body,
        subject=params.subject,
        channel=MessageChannel.EMAIL,
        to_address=address,
        member_id=member_id,
        topic=params.topic,
    )
