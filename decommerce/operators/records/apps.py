"""Apps, their versions, schedules and webhooks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps_engine.services.apps import pause_app, resume_app
from apps_engine.store.models import App, AppVersion, Schedule, WebhookAddress
from decommerce.operators.records.record import Record, do_each
from decommerce.operators.site import site

REASON = "Paused by an operator of the platform"


@admin.register(App, site=site)
class Apps(Record):
    """An app is paused and resumed here; everything else about it is the tenant's."""

    list_display = ("name", "status", "version_number", "runs", "errors", "last_run_at")
    list_filter = ("status",)
    search_fields = ("name",)
    actions = ("pause", "resume")

    @admin.action(description="Pause")
    def pause(self, request: HttpRequest, rows: Any) -> None:
        """No new step of them starts."""
        do_each(request, rows, lambda app: pause_app(request.principal, app.pk, REASON), "Paused")

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, rows: Any) -> None:
        """What waited goes on."""
        do_each(request, rows, lambda app: resume_app(request.principal, app.pk), "Resumed")


@admin.register(AppVersion, site=site)
class Versions(Record):
    """What an app was and is."""

    list_display = ("app", "number", "created_by", "created_at")
    list_select_related = ("app",)
    search_fields = ("app__name",)


@admin.register(Schedule, site=site)
class Schedules(Record):
    """When apps run next; of one that is paused, which time passes next."""

    list_display = ("app", "app__status", "trigger_id", "cron", "timezone", "next_fire_at")
    list_select_related = ("app",)
    search_fields = ("app__name",)


@admin.register(WebhookAddress, site=site)
class Webhooks(Record):
    """Where other systems call; neither addresses nor secrets are shown."""

    hidden = ("digest", "token", "secret", "previous_secret")
    list_display = ("app", "trigger_id", "scheme", "secret_made_at", "created_at")
    list_select_related = ("app",)
