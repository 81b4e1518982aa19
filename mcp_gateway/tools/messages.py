"""What became of messages, and settling e-mails of which nobody knows (RUN-05)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from apps_engine.api import shapes
from apps_engine.api.message_shapes import MESSAGE
from apps_engine.services.mails import MailOutcome, MessageFilter, list_messages, settle_mail
from apps_engine.services.presentation import message_as_dict
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.cursors import number_of, page_of
from mcp_gateway.tools.inputs import AppReference, Cursor, Limit
from mcp_gateway.tools.tool import Tool, ToolInput


class MessagesInput(ToolInput):
    """The latest messages, or those of an app or a run."""

    states: Annotated[
        list[Literal["queued", "sending", "sent", "failed", "refused", "bounced", "suppressed", "unknown"]],
        Field(description="Messages in these states only."),
    ] = []
    app: AppReference | None = None
    run: Annotated[int | None, Field(description="Those that this run wrote.")] = None
    limit: Limit = 20
    cursor: Cursor = None


class SettleMessageInput(ToolInput):
    """One e-mail, and what became of it."""

    message: Annotated[int, Field(description="The message's number, from list_messages.")]
    outcome: Annotated[MailOutcome, Field(description="arrived, or again: send it once more.")]


def _messages(principal: Principal, given: MessagesInput) -> dict[str, Any]:
    page = page_of(given, int)
    which = MessageFilter(given.states, given.app, given.run, before=page.after[0] if page.after else None)
    found = list_messages(principal, which)[: page.reach]
    return page.answer("messages", found, message_as_dict, number_of)


def _settle(principal: Principal, given: SettleMessageInput) -> dict[str, Any]:
    return message_as_dict(settle_mail(principal, given.message, given.outcome))


TOOLS = (
    Tool(
        name="list_messages",
        title="List messages",
        description="E-mails and pushes that left or did not, newest first, with their states and why one has not "
        "arrived; of one that is unknown nobody knows.",
        scope="admin",
        kind="read",
        Input=MessagesInput,
        run=_messages,
        output=shapes.shape({"messages": shapes.list_of(MESSAGE), "next_cursor": shapes.TEXT_OR_NULL}),
        example={"states": ["unknown", "bounced"]},
    ),
    Tool(
        name="settle_message",
        title="Settle an e-mail",
        description="Say of an e-mail that is unknown that it arrived, after asking who it went to, or have it sent "
        "again under the same Message-ID; one that is no longer wanted is suppressed instead.",
        scope="admin",
        kind="destructive",
        Input=SettleMessageInput,
        run=_settle,
        output=shapes.part_of(MESSAGE, "id", "state", "reason"),
        reaches_out=True,
        example={"message": 12, "outcome": "arrived"},
    ),
)
