"""What became of the community's e-mails, settling one of which nobody knows, and addresses mail comes back from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps_engine.services.mails import MAIL_OUTCOMES, mails_in_doubt, mails_lost, mails_withheld, settle_mail
from apps_engine.store.models import App
from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.dead_addresses import list_dead, revive
from decommerce.community.services.messages import DAYS_COUNTED, DEAD_ADDRESS, emails_by_state
from decommerce.tenancy.errors import NotFound

SHOWN = 200
STATES: Mapping[str, str] = {
    MessageState.SENT: "Taken by the mail server",
    MessageState.QUEUED: "Waiting to be sent",
    MessageState.SENDING: "On their way",
    MessageState.SUPPRESSED: "Not sent: not wanted, or to an address that mail comes back from",
    MessageState.REFUSED: "Refused for their recipient",
    MessageState.BOUNCED: "Came back later",
    MessageState.FAILED: "Given up",
    MessageState.UNKNOWN: "Nobody knows whether they arrived",
}
# Why one is suppressed, as its message has it.
REASONS: Mapping[str, str] = {
    "declined": "The member does not want such e-mails",
    "suspended": "The member is suspended",
    DEAD_ADDRESS: "Mail to this address comes back",
}


@require_safe
@page_for("admin")
def mail(request: TeamRequest) -> HttpResponse:
    """Numbers by state, e-mails of which nobody knows, that did not arrive or were not sent, and dead addresses."""
    numbers = emails_by_state()
    context = {
        "doubts": _with_apps(list(mails_in_doubt(request.principal)[:SHOWN])),
        "lost": _with_apps(list(mails_lost(request.principal)[:SHOWN])),
        "withheld": _with_apps(list(mails_withheld(request.principal)[:SHOWN])),
        "rows": list_dead(request.principal, limit=SHOWN),
        "states": [(words, numbers[state]) for state, words in STATES.items() if numbers.get(state)],
        "days": DAYS_COUNTED,
    }
    return show(request, "chat/mail.html", context, section="mail")


def _with_apps(mails: Sequence[OutboundMessage]) -> list[tuple[OutboundMessage, str, App | None]]:
    """Each with what became of it in words and its app, where one wrote it."""
    apps = App.objects.in_bulk({mail.app_id for mail in mails if mail.app_id is not None})
    return [(mail, _words(mail), apps.get(mail.app_id or 0)) for mail in mails]


def _words(mail: OutboundMessage) -> str:
    if mail.state == MessageState.SUPPRESSED:
        return REASONS.get(mail.last_error, STATES[mail.state])
    return STATES[mail.state]


@require_POST
@page_for("admin")
def settle(request: TeamRequest, message_id: int, outcome: str) -> HttpResponse:
    """Say what became of an e-mail of which nobody knows."""
    known = next((one for one in MAIL_OUTCOMES if one == outcome), None)
    if known is None:
        raise NotFound("There is no such button.", hint="Go back to the e-mails.")
    settled = settle_mail(request.principal, message_id, known)
    done = "mail-withheld" if settled.state == MessageState.SUPPRESSED else "mail-settled"
    return HttpResponseRedirect(f"{reverse('mail')}?done={done}")


@require_POST
@page_for("admin")
def revive_address(request: TeamRequest, address_id: int) -> HttpResponse:
    """Take an address off the list."""
    revive(request.principal, address_id)
    return HttpResponseRedirect(f"{reverse('mail')}?done=address-revived")
