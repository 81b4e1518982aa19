"""Runs: start one by hand, try one, look at them, cancel one (APP-04, RUN-08, RUN-12, TRG-11)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.cursors import cursor_page, decision_cursor
from apps_engine.api.documentation import component, cursor_page_of, operation
from apps_engine.api.serializers import DecisionPage, DryRunBody, RunBody, RunPage
from apps_engine.api.shapes import TEXT_OR_NULL, list_of, shape
from apps_engine.api.views.base import ApiView
from apps_engine.services.dry_run import dry_run
from apps_engine.services.presentation import decision_as_dict, run_as_dict
from apps_engine.services.runs import RunFilter, cancel_run, get_run, list_runs, run_app
from apps_engine.services.verdicts import list_decisions, why_not

_DECISIONS = shape({"items": list_of(component("Decision")), "next_cursor": TEXT_OR_NULL})


class AppRunView(ApiView):
    """Running an app by hand."""

    @operation("Run an app", body=RunBody, result="Run", status=202)
    def post(self, request: Request, app_id: int) -> Response:
        """Queues a run; `GET /api/v1/runs/{id}` tells how it goes."""
        run = run_app(self.principal, app_id, self.body(RunBody)["inputs"])
        return Response(run_as_dict(run, self.principal, steps=False), status=202)


class AppDryRunView(ApiView):
    """Trying an app."""

    @operation("Dry-run an app", body=DryRunBody, result="DryRun")
    def post(self, request: Request, app_id: int) -> Response:
        """What a run would read, change and send, on real data and without any effect."""
        self.principal.require("data:read")
        body = self.body(DryRunBody)
        return Response(dry_run(self.principal, app_id, inputs=body["inputs"], event=body["event"]).as_dict())


class AppRunsView(ApiView):
    """The runs of an app."""

    @operation("List an app's runs", query=RunPage, result=cursor_page_of("Run"))
    def get(self, request: Request, app_id: int) -> Response:
        """Newest first, without their steps; `state=dead&state=failed` gives those that went wrong, with the reason."""
        wanted = self.parameters(RunPage)
        which = RunFilter(wanted["state"], wanted.get("since"), wanted.get("until"), wanted["error_code"])
        runs = list_runs(self.principal, app_id, limit=None, which=which)
        return Response(cursor_page(runs, wanted, lambda run: run_as_dict(run, self.principal, steps=False)))


class AppDecisionsView(ApiView):
    """Why an app did not run."""

    @operation("Ask why an app did not run", query=DecisionPage, result=_DECISIONS)
    def get(self, request: Request, app_id: int) -> Response:
        """The latest reasons, newest first; with `event_id`, what became of that event, and what its run waits for."""
        wanted = self.parameters(DecisionPage)
        if "event_id" in wanted:
            return Response({"items": [why_not(self.principal, app_id, wanted["event_id"])], "next_cursor": None})
        limit = wanted["limit"]
        found = list_decisions(self.principal, app_id, limit=limit + 1, before=wanted.get("cursor"))
        page = found[:limit]
        cursor = decision_cursor(page[-1]) if len(found) > limit else None
        items = [decision_as_dict(decision, self.principal) for decision in page]
        return Response({"items": items, "next_cursor": cursor})


class RunView(ApiView):
    """One run."""

    @operation("Get a run", result="Run")
    def get(self, request: Request, run_id: int) -> Response:
        """The run with each step: what it saw, what it did, how long it took."""
        return Response(run_as_dict(get_run(self.principal, run_id), self.principal, steps=True))


class RunCancelView(ApiView):
    """Stopping a run."""

    @operation("Cancel a run", result="Run")
    def post(self, request: Request, run_id: int) -> Response:
        """No further step starts, and what is not committed of the one at work is undone; one that is over stays so."""
        return Response(run_as_dict(cancel_run(self.principal, run_id), self.principal, steps=False))
