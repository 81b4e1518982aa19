"""What became of messages, mail that came back, and the addresses that nothing is sent to any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import IO, Any

from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.cursors import cursor_page
from apps_engine.api.documentation import cursor_page_of, operation
from apps_engine.api.json_media import ExactJSONParser, body_too_large
from apps_engine.api.serializers import BounceBody, MailSettlementBody, MessagePage
from apps_engine.api.shapes import BOOLEAN, INSTANT, INTEGER, TEXT, list_of, shape
from apps_engine.api.views.base import ApiView
from apps_engine.services.mails import MessageFilter, list_messages, settle_mail
from apps_engine.services.presentation import instant, message_as_dict
from decommerce.community.services.bounces import MOST_BYTES, Bounce, read_report, take_bounce
from decommerce.community.services.dead_addresses import list_dead, revive

BOUNCED = shape({"message": INTEGER, "state": TEXT, "address_dead": BOOLEAN})
DEAD_ADDRESS = shape({"id": INTEGER, "address": TEXT, "status": TEXT, "words": TEXT, "marked_at": INSTANT})


class MessagesView(ApiView):
    """Messages that leave the platform."""

    @operation("List messages", query=MessagePage, result=cursor_page_of("Message"))
    def get(self, request: Request) -> Response:
        """Newest first, without their texts; `state=unknown` gives those of which nobody knows. For admins."""
        wanted = self.parameters(MessagePage)
        which = MessageFilter(wanted["state"], wanted.get("app"), wanted.get("run"))
        return Response(cursor_page(list_messages(self.principal, which), wanted, message_as_dict))


class MessageSettlementView(ApiView):
    """Settling an e-mail by hand."""

    @operation("Settle an e-mail", body=MailSettlementBody, result="Message")
    def post(self, request: Request, message_id: int) -> Response:
        """Say of one that is `unknown` that it arrived, or have it sent again under the same Message-ID. For admins.

        One that is no longer wanted is `suppressed` instead of sent.
        """
        settled = settle_mail(self.principal, message_id, self.body(MailSettlementBody)["outcome"])
        return Response(message_as_dict(settled))


class MailParser(BaseParser):
    """Reads a mail as it arrived; its bytes stand in the data as Latin-1."""

    media_type = "message/rfc822"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """The mail; raises BodyTooLarge."""
        mail = stream.read(MOST_BYTES + 1)
        if len(mail) > MOST_BYTES:
            raise body_too_large(MOST_BYTES)
        return {"mail": mail.decode("latin-1")}


class BouncesView(ApiView):
    """Mail that came back."""

    parser_classes = [ExactJSONParser, MailParser]

    @operation("Report a bounce", body=BounceBody, result=BOUNCED)
    def post(self, request: Request) -> Response:
        """What a mail server's report says, or the report itself as it arrived, as message/rfc822.

        For good, the message is `bounced`; where nobody has the address, nothing is sent to it until an admin says so.
        """
        data: Any = request.data
        if isinstance(data, dict) and data.keys() == {"mail"}:
            bounce = read_report(data["mail"].encode("latin-1", "replace"))
        else:
            bounce = Bounce(**self.body(BounceBody))
        return Response(asdict(take_bounce(self.principal, bounce)))


class DeadAddressesView(ApiView):
    """The addresses that mail comes back from."""

    @operation("List dead addresses", result=shape({"items": list_of(DEAD_ADDRESS)}))
    def get(self, request: Request) -> Response:
        """Newest first, each with the mail server's words; for admins."""
        rows = list_dead(self.principal)
        return Response(
            {
                "items": [
                    {
                        "id": row.pk,
                        "address": row.address,
                        "status": row.status,
                        "words": row.words,
                        "marked_at": instant(row.marked_at),
                    }
                    for row in rows
                ]
            }
        )


class DeadAddressView(ApiView):
    """One address that mail came back from."""

    @operation("Send to an address again", status=204)
    def delete(self, request: Request, address_id: int) -> Response:
        """Takes it off the list; for admins."""
        revive(self.principal, address_id)
        return Response(status=204)
