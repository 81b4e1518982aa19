"""What an app remembers between its runs (RUN-09)."""

from __future__ import annotations

from django.db import models

from apps_engine.store.models.app import App
from apps_engine.store.models.exact_json import ExactJSONField
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class AppState(TenantModel):
    """One object for each session of an app; outside chats there is one session, whose key is ''."""

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="states")
    session_key = models.CharField(max_length=200, blank=True)
    data = ExactJSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "session_key"], name="state_once_per_session")]
