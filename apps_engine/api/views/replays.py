"""Runs once more, and calls whose end nobody knows (RUN-05, RUN-13)."""

from __future__ import annotations

from dataclasses import asdict

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.cursors import cursor_page
from apps_engine.api.documentation import cursor_page_of, operation
from apps_engine.api.serializers import CursorPage, ReplayBody, RunPage, SettlementBody
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import effect_as_dict, run_as_dict
from apps_engine.services.replays import replay_runs
from apps_engine.services.retries import retry_run, run_again
from apps_engine.services.runs import RunFilter, list_runs
from apps_engine.services.settling import list_effects, settle_effect


class RunsView(ApiView):
    """The runs of all apps."""

    @operation("List runs", query=RunPage, result=cursor_page_of("Run"))
    def get(self, request: Request) -> Response:
        """Newest first, without their steps; `state=dead&state=failed` gives those that went wrong, with the reason."""
        wanted = self.parameters(RunPage)
        which = RunFilter(wanted["state"], wanted.get("since"), wanted.get("until"), wanted["error_code"])
        runs = list_runs(self.principal, None, limit=None, which=which)
        return Response(cursor_page(runs, wanted, lambda run: run_as_dict(run, self.principal, steps=False)))


class RunRetryView(ApiView):
    """Retrying a run."""

    @operation("Retry a run", result="Run", status=202)
    def post(self, request: Request, run_id: int) -> Response:
        """Goes on at the step that failed, in the run's own version; what was done is not done again."""
        return Response(run_as_dict(retry_run(self.principal, run_id), self.principal, steps=False), status=202)


class RunAgainView(ApiView):
    """Running again."""

    @operation("Run again", result="Run", status=202)
    def post(self, request: Request, run_id: int) -> Response:
        """A new run of what started this one, with the app's newest version."""
        return Response(run_as_dict(run_again(self.principal, run_id), self.principal, steps=False), status=202)


class AppReplayView(ApiView):
    """Many runs once more."""

    @operation("Replay an app's runs", body=ReplayBody, result="Replay", status=202)
    def post(self, request: Request, app_id: int) -> Response:
        """The runs that match, oldest first, `per_minute` of them a minute: retried, or run again.

        Where `left` is true, the same call with `after` set to `last` takes the next of them.
        """
        body = self.body(ReplayBody)
        which = RunFilter(body["states"], body.get("since"), body.get("until"), body["error_code"], after=body["after"])
        replay = replay_runs(
            self.principal,
            app_id,
            way=body["way"],
            which=which,
            per_minute=body["per_minute"],
            limit=body["limit"],
        )
        return Response(asdict(replay), status=202)


class RunEffectsView(ApiView):
    """The calls of a run to the outside."""

    @operation("List a run's calls", query=CursorPage, result=cursor_page_of("Effect"))
    def get(self, request: Request, run_id: int) -> Response:
        """Each with its state; of one that is `unknown` nobody knows whether it arrived."""
        calls = list_effects(self.principal, run_id)
        wanted = self.parameters(CursorPage)
        return Response(cursor_page(calls, wanted, lambda call: effect_as_dict(call, self.principal), ascending=True))


class EffectSettlementView(ApiView):
    """Settling a call by hand."""

    @operation("Settle a call", body=SettlementBody, result="Effect")
    def post(self, request: Request, run_id: int, effect_id: int) -> Response:
        """Say whether it was done. A retry then takes `result` for its answer, or makes the call that failed anew."""
        body = self.body(SettlementBody)
        effect = settle_effect(self.principal, run_id, effect_id, body["outcome"], body["result"])
        return Response(effect_as_dict(effect, self.principal))
