"""Runs with their steps and calls, the events that start them, and why others did not start."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps_engine.services.retries import retry_run
from apps_engine.services.runs import cancel_run
from apps_engine.services.settling import Settlement, settle_effect
from apps_engine.store.models import Decision, Effect, EventInbox, Execution, StepResult
from decommerce.operators.records.record import Record, do_each
from decommerce.operators.site import site


@admin.register(Execution, site=site)
class Runs(Record):
    """A run is cancelled or retried here."""

    list_display = ("id", "app", "state", "trigger_type", "attempt", "run_at", "finished_at")
    list_filter = ("state", "trigger_type")
    list_select_related = ("app",)
    search_fields = ("=id", "app__name")
    actions = ("cancel", "retry")

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, rows: Any) -> None:
        """No step of them begins any more."""
        do_each(request, rows, lambda run: cancel_run(request.principal, run.pk), "Cancelled")

    @admin.action(description="Retry where it failed")
    def retry(self, request: HttpRequest, rows: Any) -> None:
        """They go on at the step that failed."""
        do_each(request, rows, lambda run: retry_run(request.principal, run.pk), "Queued again")


@admin.register(StepResult, site=site)
class Steps(Record):
    """The journal of runs."""

    list_display = ("execution_id", "path", "kind", "status", "items", "duration_ms")
    list_filter = ("status", "kind")
    search_fields = ("=execution__id",)


@admin.register(Effect, site=site)
class Effects(Record):
    """Calls outside; one of which nobody knows is settled here, after asking the other side."""

    list_display = ("id", "execution_id", "action", "path", "state", "updated_at")
    list_filter = ("state",)
    search_fields = ("=execution__id", "=idem_key")
    actions = ("done", "failed")

    @admin.action(description="It arrived (only where nobody knows)")
    def done(self, request: HttpRequest, rows: Any) -> None:
        """A retry does not make the call again."""
        self._settle(request, rows, "done")

    @admin.action(description="It did not arrive (only where nobody knows)")
    def failed(self, request: HttpRequest, rows: Any) -> None:
        """A retry makes the call again."""
        self._settle(request, rows, "failed")

    def _settle(self, request: HttpRequest, rows: Any, outcome: Settlement) -> None:
        do_each(
            request,
            rows,
            lambda effect: settle_effect(request.principal, effect.execution_id or 0, effect.pk, outcome),
            "Settled",
        )


@admin.register(EventInbox, site=site)
class Events(Record):
    """What arrived."""

    list_display = ("id", "type", "source", "event_id", "time", "received_at")
    search_fields = ("=event_id", "^type")


@admin.register(Decision, site=site)
class Decisions(Record):
    """Why apps did not run."""

    list_display = ("app", "trigger_id", "outcome", "event_id", "repeats", "last_at")
    list_filter = ("outcome",)
    list_select_related = ("app",)
    search_fields = ("app__name", "=event_id")
