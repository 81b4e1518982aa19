"""What became of the community's e-mails, and the addresses that mail comes back from."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chat.views.access import TeamRequest, page_for
from chat.views.page import show
from decommerce.community.models import MessageState
from decommerce.community.services.dead_addresses import list_dead, revive
from decommerce.community.services.messages import DAYS_COUNTED, emails_by_state

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


@require_safe
@page_for("admin")
def mail(request: TeamRequest) -> HttpResponse:
    """Numbers by state, and the list of dead addresses."""
    numbers = emails_by_state()
    context = {
        "rows": list_dead(request.principal, limit=SHOWN),
        "states": [(words, numbers[state]) for state, words in STATES.items() if numbers.get(state)],
        "days": DAYS_COUNTED,
    }
    return show(request, "chat/mail.html", context, section="mail")


@require_POST
@page_for("admin")
def revive_address(request: TeamRequest, address_id: int) -> HttpResponse:
    """Take an address off the list."""
    revive(request.principal, address_id)
    return HttpResponseRedirect(f"{reverse('mail')}?done=address-revived")
