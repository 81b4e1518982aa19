"""What an app, or a definition that is not stored, would have done on the events that were recorded (RUN-14)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation
from apps_engine.api.serializers import BacktestBody, DefinitionBacktest
from apps_engine.api.views.base import ApiView
from apps_engine.services.backtests import backtest


class AppBacktestView(ApiView):
    """An app's past."""

    @operation("Backtest an app", body=BacktestBody, result="Backtest")
    def post(self, request: Request, app_id: int) -> Response:
        """How often recorded events would have started it, what kept the others out, and what it would have done."""
        self.principal.require("data:read")
        return Response(backtest(self.principal, app_id, days=self.body(BacktestBody)["days"]).as_dict())


class DefinitionBacktestView(ApiView):
    """A definition's past."""

    @operation("Backtest a definition", body=DefinitionBacktest, result="Backtest")
    def post(self, request: Request) -> Response:
        """How often recorded events would have started it, what kept the others out, and what it would have done."""
        self.principal.require("data:read")
        body = self.body(DefinitionBacktest)
        return Response(backtest(self.principal, body["definition"], days=body["days"]).as_dict())
