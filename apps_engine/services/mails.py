"""What became of messages, and saying it of e-mails of which nobody knows (docs/mail.md, RUN-05)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db.models import QuerySet
from django.utils import timezone

from apps_engine.services.apps import get_app
from apps_engine.services.errors import MailSettled
from apps_engine.services.hints import hint_delivery
from apps_engine.services.notices import tell_admins_at
from apps_engine.services.runs import get_run
from apps_engine.store.models import App
from decommerce.community.models import MessageChannel, MessageState, OutboundMessage
from decommerce.community.services.messages import DAYS_COUNTED, withhold_unwanted
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.principal import Principal

MailOutcome = Literal["arrived", "again"]
MAIL_OUTCOMES: tuple[MailOutcome, ...] = ("arrived", "again")
LINK = "/mail/"
WHAT_TO_DO = "Its sending broke off, and it is not sent again by itself. Ask who it went to, and say what became of it."
_LOST = (MessageState.REFUSED, MessageState.BOUNCED, MessageState.FAILED)


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages: in these states, written by this app or this run. Their numbers are below `before`."""

    states: Sequence[str] = ()
    app: int | str | None = None
    run: int | None = None
    before: int | None = None


def list_messages(principal: Principal, which: MessageFilter) -> QuerySet[OutboundMessage]:
    """E-mails and pushes, newest first; for admins, since they hold addresses. Raises AppNotFound and RunNotFound."""
    principal.require("admin")
    given = {
        "state__in": tuple(which.states),
        "app_id": get_app(principal, which.app).pk if which.app is not None else None,
        "execution_id": get_run(principal, which.run).pk if which.run is not None else None,
        "pk__lt": which.before,
    }
    wanted = {lookup: value for lookup, value in given.items() if value}
    return OutboundMessage.objects.filter(**wanted).order_by("-pk")


def mails_in_doubt(principal: Principal) -> QuerySet[OutboundMessage]:
    """Those of which nobody knows whether they arrived, newest first; for admins, since they hold addresses."""
    principal.require("admin")
    unknown = OutboundMessage.objects.filter(channel=MessageChannel.EMAIL, state=MessageState.UNKNOWN)
    return unknown.order_by("-pk")


def mails_lost(principal: Principal) -> QuerySet[OutboundMessage]:
    """Those of the last DAYS_COUNTED days that were refused, came back or were given up, newest first; for admins."""
    return _recent(principal, *_LOST)


def mails_withheld(principal: Principal) -> QuerySet[OutboundMessage]:
    """Those of the last DAYS_COUNTED days that were not sent as they were not wanted, newest first; for admins."""
    return _recent(principal, MessageState.SUPPRESSED)


def _recent(principal: Principal, *states: MessageState) -> QuerySet[OutboundMessage]:
    principal.require("admin")
    since = timezone.now() - timedelta(days=DAYS_COUNTED)
    found = OutboundMessage.objects.filter(channel=MessageChannel.EMAIL, state__in=states, created_at__gte=since)
    return found.order_by("-created_at", "-pk")


def settle_mail(principal: Principal, number: int, outcome: MailOutcome) -> OutboundMessage:
    """Settle an e-mail: it `arrived`, or is to be sent `again` under the same Message-ID; audited.

    One that is no longer wanted is suppressed instead, and not sent. Raises NotFound, and MailSettled where there is no
    doubt.
    """
    principal.require("admin")
    mails = OutboundMessage.objects.select_for_update().filter(channel=MessageChannel.EMAIL)
    mail = mails.filter(pk=number).first()
    if mail is None:
        raise NotFound(f"There is no e-mail {number}.", hint="Look at the list of e-mails again.")
    if mail.state != MessageState.UNKNOWN:
        raise MailSettled(
            f"This e-mail is {mail.state}.", hint="Only one of which nobody knows what became is settled by hand."
        )
    if outcome == "arrived":
        mail.state = MessageState.SENT
    elif not withhold_unwanted(mail):
        mail.state, mail.attempts, mail.run_at = MessageState.QUEUED, 0, timezone.now()
        hint_delivery()
    mail.save(update_fields=["state", "attempts", "run_at"])
    details = {"app": mail.app_id, "run": mail.execution_id, "message_id": mail.message_id, "outcome": outcome}
    details["state"] = mail.state
    record_audit(principal, "mail.settled", f"message:{mail.pk}", details)
    return mail


def tell_of_doubts(app_ids: Collection[int | None]) -> None:
    """Have the admins hear of e-mails of these apps of which nobody knows, once a day for each app (promise 3).

    None stands for the platform's own. Needs the tenant's scope.
    """
    today = timezone.now().date().isoformat()
    names = dict(App.objects.filter(pk__in=[number for number in app_ids if number]).values_list("pk", "name"))
    for number in app_ids:
        whose = f"of “{names[number]}” " if number in names else ""
        title = f"Nobody knows whether an e-mail {whose}arrived"
        tell_admins_at(LINK, title, WHAT_TO_DO, key=f"unknown-mail:{number}:{today}")
