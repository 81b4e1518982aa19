"""Searching a person's mail at Google, with the account that they connected (PIP-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from actions.search_text import SearchText
from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.filters.markup import strip_html
from apps_engine.language.instants import format_instant
from decommerce.accounts.google.api import GoogleApi
from decommerce.accounts.google.gmail import Mail, search_mail
from decommerce.community.exact_json import storable
from decommerce.outgoing.json_api import JsonApi
from decommerce.outgoing.quota import require_quota

DEADLINE_SECONDS = 30.0
LONGEST_LINE = 500
LONGEST_BODY = 20_000


class GmailSearchParams(BaseModel):
    """`query` is what one types into Gmail's own search box."""

    model_config = ConfigDict(extra="forbid")

    query: SearchText = Field(
        min_length=1, max_length=500, description="As in Gmail: is:unread newer_than:1d from:ann@b.com"
    )
    limit: int = Field(20, ge=1, le=50, description="At most so many messages, newest first")
    include_body: bool = Field(False, description="The text of each message too, not only its first words")
    account: str = Field("", max_length=254, description="Which connected account: its name or address")


class GmailSearch(ExternalAction[GmailSearchParams]):
    """Reads, and reads only. That nothing was found is a result; that nothing could be read is an error."""

    name = "gmail_search"
    summary = "Search the mail of the person who made the app, at Gmail"
    sentence = "reads mail of the person who made it"
    Params = GmailSearchParams
    result = (
        FieldSpec(
            "messages",
            FieldType.LIST,
            "Newest first: id, thread_id, from, to, subject, date, snippet, unread, labels, and body where asked for",
            untrusted=True,
            personal=True,
        ),
        FieldSpec("count", FieldType.INTEGER, "How many messages are listed"),
        FieldSpec("empty", FieldType.BOOLEAN, "True where the mail was searched and nothing matched"),
        FieldSpec("more", FieldType.BOOLEAN, "Whether more messages match than are listed"),
        FieldSpec("account", FieldType.TEXT, "The address of the account that was searched", personal=True),
        FieldSpec("sample", FieldType.BOOLEAN, "True in a test run: the messages are made up"),
    )
    targets = ("account",)
    oauth = ("gmail",)
    repeatable = Repeatable.SAFELY
    cached = True

    def prepare(self, call: Call[GmailSearchParams], context: ActionContext) -> Request:
        require_quota()
        return Request("gmail_search", call.params.model_dump(), DEADLINE_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        asked = request.body
        hosts = (settings.GMAIL_URL, settings.GOOGLE_OAUTH_URL)
        api = JsonApi(context.tenant_id, hosts, request.deadline_seconds, context.app_id, context.execution_id)
        google = GoogleApi(api, context.owner_id, "gmail", asked["account"])
        mails, more = search_mail(google, asked["query"], asked["limit"], with_text=asked["include_body"])
        messages = [_message(mail, with_body=asked["include_body"]) for mail in mails]
        found = {"messages": messages, "count": len(messages), "empty": not messages and not more, "more": more}
        return Response({**found, "account": google.address, "sample": False})

    def preview(self, request: Request) -> Mapping[str, Any]:
        asked = request.body
        messages = [dict(message) for message in _SAMPLES[: asked["limit"]]]
        if not asked["include_body"]:
            for message in messages:
                del message["body"]
        return {
            "messages": messages,
            "count": len(messages),
            "empty": False,
            "more": False,
            "account": "you@example.com",
            "sample": True,
        }


def _message(mail: Mail, *, with_body: bool) -> dict[str, Any]:
    lines = {"from": mail.sender, "to": mail.to, "subject": mail.subject, "snippet": mail.snippet}
    message = {
        "id": mail.id,
        "thread_id": mail.thread_id,
        **{name: storable(text)[:LONGEST_LINE] for name, text in lines.items()},
        "date": format_instant(mail.at),
        "unread": "UNREAD" in mail.labels,
        "labels": list(mail.labels),
    }
    return {**message, "body": _body(mail)} if with_body else message


def _body(mail: Mail) -> str | None:
    """The mail as plain text, its beginning where it is long; None where it is too large to read."""
    if mail.texts is None:
        return None
    texts = (strip_html(part.text[: 10 * LONGEST_BODY]) if part.is_html else part.text for part in mail.texts)
    return str(storable("\n".join(text.strip() for text in texts).strip()[:LONGEST_BODY]))


def _sample(number: int, sender: str, subject: str, snippet: str, *, unread: bool) -> Mapping[str, Any]:
    return {
        "id": f"sample-{number}",
        "thread_id": f"sample-{number}",
        "from": sender,
        "to": "you@example.com",
        "subject": f"[Sample] {subject}",
        "date": f"2026-11-21T0{9 - number}:15:00Z",
        "snippet": snippet,
        "unread": unread,
        "labels": ["INBOX", "UNREAD"] if unread else ["INBOX"],
        "body": snippet,
    }


_SAMPLES = (
    _sample(
        1,
        "Dana Boss <boss@example.com>",
        "Contract to sign today",
        "Could you look at the contract before noon? The client waits for it.",
        unread=True,
    ),
    _sample(
        2,
        "Trail Shop <orders@example.com>",
        "Your order is on its way",
        "Two pairs of boots left our store this morning.",
        unread=True,
    ),
    _sample(
        3, "Weekly Letter <news@example.com>", "What you missed this week", "Ten stories worth a read.", unread=False
    ),
)
