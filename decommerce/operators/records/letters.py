"""Dead letters, which are nobody's, and the log of what operators did with them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.urls import URLPattern

from apps_engine.services.dead_letters import SCHEDULER, drop_letters, requeue_letters
from apps_engine.store.models import DeadLetter
from decommerce.operators.records.record import Record
from decommerce.operators.site import site
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.middleware import own_scope

CUT = 120


class OfThePlatform(Record):
    """Rows of no tenant: they are there whichever tenant is looked at, and no tenant is in scope."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Every operator."""
        return site.has_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Views in no tenant's scope: what is taken in anew may be any tenant's."""
        urls: list[URLPattern] = super().get_urls()
        for url in urls:
            own_scope(url.callback)
        return urls


@admin.register(DeadLetter, site=site)
class DeadLetters(OfThePlatform):
    """Messages on the events queue that were no events, with the reason; they may hold anybody's data."""

    list_display = ("id", "code", "why", "payload", "received_at", "times", "last_at")
    list_filter = ("code",)
    search_fields = ("reason",)
    hidden = ("digest",)
    actions = ("requeue", "drop")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """As the scheduler's role, which alone may read them; a list reads no more than their beginnings."""
        letters = super().get_queryset(request).using(SCHEDULER)
        return letters.defer("body").annotate(beginning=Left("body", CUT))

    @admin.display(description="Reason")
    def why(self, letter: DeadLetter) -> str:
        """Its beginning."""
        return letter.reason[:CUT]

    @admin.display(description="Payload")
    def payload(self, letter: Any) -> str:
        """Its beginning."""
        return str(letter.beginning)

    @admin.action(description="Take in anew")
    def requeue(self, request: HttpRequest, rows: QuerySet) -> None:
        """After what was wrong was put right; what still is no event is among them still."""
        for letter in rows:
            _log(request, letter, CHANGE, "taken in anew")
            try:
                outcome = requeue_letters([letter.pk])
            except PlatformError as error:
                messages.error(request, f"{letter.pk}: {error.message} {error.hint}")
                continue
            told = f"{outcome.accepted} accepted, {outcome.duplicates} duplicates, {outcome.dead} still no event"
            (messages.warning if outcome.dead else messages.success)(request, f"{letter.pk}: {told}")

    @admin.action(description="Throw away for good")
    def drop(self, request: HttpRequest, rows: QuerySet) -> None:
        """Nobody sees them again."""
        letters = list(rows)
        with transaction.atomic():
            for letter in letters:
                _log(request, letter, DELETION, "thrown away")
            count = drop_letters([letter.pk for letter in letters])
        messages.success(request, f"Thrown away: {count}")


@admin.register(LogEntry, site=site)
class Deeds(OfThePlatform):
    """What operators did with what is nobody's; what they did in a tenant is in its audit log."""

    list_display = ("action_time", "user", "content_type", "object_id", "change_message")
    list_select_related = ("user", "content_type")


def _log(request: HttpRequest, letter: DeadLetter, flag: int, deed: str) -> None:
    """The letter's number and its reason, never what is in it."""
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(DeadLetter),
        object_id=str(letter.pk),
        object_repr=f"dead letter {letter.pk}",
        action_flag=flag,
        change_message=f"{deed}: {letter.code}, received {letter.received_at:%Y-%m-%d %H:%M}",
    )
