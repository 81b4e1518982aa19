"""The addresses of the REST API. The OpenAPI document and the isolation tests walk this list."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from apps_engine.api.views.accounts import AccountsView, AccountView
from apps_engine.api.views.apps import AppPauseView, AppResumeView, AppsView, AppVersionsView, AppView
from apps_engine.api.views.audit import AuditView
from apps_engine.api.views.backtests import AppBacktestView, DefinitionBacktestView
from apps_engine.api.views.definitions import CatalogueView, DefinitionDryRunView, SchemaView, ValidationView
from apps_engine.api.views.domains import DomainRotationView, DomainsView, DomainView
from apps_engine.api.views.events import EventsView, EventView
from apps_engine.api.views.hooks import hook
from apps_engine.api.views.keys import KeyRotationView, KeysView, KeyView
from apps_engine.api.views.mail import (
    BouncesView,
    DeadAddressesView,
    DeadAddressView,
    MessageSettlementView,
    MessagesView,
)
from apps_engine.api.views.openapi import OpenApiView, UnknownAddressView
from apps_engine.api.views.replays import (
    AppReplayView,
    EffectSettlementView,
    RunAgainView,
    RunEffectsView,
    RunRetryView,
    RunsView,
)
from apps_engine.api.views.runs import (
    AppDecisionsView,
    AppDryRunView,
    AppRunsView,
    AppRunView,
    RunCancelView,
    RunView,
)
from apps_engine.api.views.shadows import AppShadowView
from apps_engine.api.views.starters import StarterAppsView, StarterPreviewView, StartersView, StarterView
from apps_engine.api.views.tools import AppToolView
from apps_engine.api.views.upgrades import AppUpgradeView
from apps_engine.api.views.usage import UsageView
from apps_engine.api.views.webhooks import AppWebhooksView, WebhookSecretView
from apps_engine.services.webhook_addresses import PATH as HOOKS

PREFIX = "api/v1"

api_urls: list[URLPattern] = [
    path(f"{PREFIX}/apps", AppsView.as_view(), name="api-apps"),
    path(f"{PREFIX}/apps/<int:app_id>", AppView.as_view(), name="api-app"),
    path(f"{PREFIX}/apps/<int:app_id>/pause", AppPauseView.as_view(), name="api-app-pause"),
    path(f"{PREFIX}/apps/<int:app_id>/resume", AppResumeView.as_view(), name="api-app-resume"),
    path(f"{PREFIX}/apps/<int:app_id>/upgrade", AppUpgradeView.as_view(), name="api-app-upgrade"),
    path(f"{PREFIX}/apps/<int:app_id>/tool", AppToolView.as_view(), name="api-app-tool"),
    path(f"{PREFIX}/apps/<int:app_id>/run", AppRunView.as_view(), name="api-app-run"),
    path(f"{PREFIX}/apps/<int:app_id>/dry-run", AppDryRunView.as_view(), name="api-app-dry-run"),
    path(f"{PREFIX}/apps/<int:app_id>/backtest", AppBacktestView.as_view(), name="api-app-backtest"),
    path(f"{PREFIX}/apps/<int:app_id>/shadow", AppShadowView.as_view(), name="api-app-shadow"),
    path(f"{PREFIX}/apps/<int:app_id>/runs", AppRunsView.as_view(), name="api-app-runs"),
    path(f"{PREFIX}/apps/<int:app_id>/versions", AppVersionsView.as_view(), name="api-app-versions"),
    path(f"{PREFIX}/apps/<int:app_id>/decisions", AppDecisionsView.as_view(), name="api-app-decisions"),
    path(f"{PREFIX}/apps/<int:app_id>/replay", AppReplayView.as_view(), name="api-app-replay"),
    path(f"{PREFIX}/apps/<int:app_id>/webhooks", AppWebhooksView.as_view(), name="api-app-webhooks"),
    path(
        f"{PREFIX}/apps/<int:app_id>/webhooks/<slug:trigger>/secret",
        WebhookSecretView.as_view(),
        name="api-webhook-secret",
    ),
    path(f"{PREFIX}/runs", RunsView.as_view(), name="api-runs"),
    path(f"{PREFIX}/runs/<int:run_id>", RunView.as_view(), name="api-run"),
    path(f"{PREFIX}/runs/<int:run_id>/cancel", RunCancelView.as_view(), name="api-run-cancel"),
    path(f"{PREFIX}/runs/<int:run_id>/retry", RunRetryView.as_view(), name="api-run-retry"),
    path(f"{PREFIX}/runs/<int:run_id>/again", RunAgainView.as_view(), name="api-run-again"),
    path(f"{PREFIX}/runs/<int:run_id>/effects", RunEffectsView.as_view(), name="api-run-effects"),
    path(
        f"{PREFIX}/runs/<int:run_id>/effects/<int:effect_id>/settle",
        EffectSettlementView.as_view(),
        name="api-effect-settle",
    ),
    path(f"{PREFIX}/definitions/validate", ValidationView.as_view(), name="api-validate"),
    path(f"{PREFIX}/definitions/dry-run", DefinitionDryRunView.as_view(), name="api-dry-run"),
    path(f"{PREFIX}/definitions/backtest", DefinitionBacktestView.as_view(), name="api-backtest"),
    path(f"{PREFIX}/events", EventsView.as_view(), name="api-events"),
    path(f"{PREFIX}/events/<int:event_number>", EventView.as_view(), name="api-event"),
    path(f"{PREFIX}/audit", AuditView.as_view(), name="api-audit"),
    path(f"{PREFIX}/catalogue", CatalogueView.as_view(), name="api-catalogue"),
    path(f"{PREFIX}/schema", SchemaView.as_view(), name="api-schema"),
    path(f"{PREFIX}/starters", StartersView.as_view(), name="api-starters"),
    path(f"{PREFIX}/starters/<slug:slug>", StarterView.as_view(), name="api-starter"),
    path(f"{PREFIX}/starters/<slug:slug>/preview", StarterPreviewView.as_view(), name="api-starter-preview"),
    path(f"{PREFIX}/starters/<slug:slug>/apps", StarterAppsView.as_view(), name="api-starter-apps"),
    path(f"{PREFIX}/keys", KeysView.as_view(), name="api-keys"),
    path(f"{PREFIX}/keys/<int:key_id>", KeyView.as_view(), name="api-key"),
    path(f"{PREFIX}/keys/<int:key_id>/rotate", KeyRotationView.as_view(), name="api-key-rotate"),
    path(f"{PREFIX}/domains", DomainsView.as_view(), name="api-domains"),
    path(f"{PREFIX}/domains/<int:domain_id>", DomainView.as_view(), name="api-domain"),
    path(f"{PREFIX}/domains/<int:domain_id>/rotate", DomainRotationView.as_view(), name="api-domain-rotate"),
    path(f"{PREFIX}/accounts", AccountsView.as_view(), name="api-accounts"),
    path(f"{PREFIX}/accounts/<int:account_id>", AccountView.as_view(), name="api-account"),
    path(f"{PREFIX}/messages", MessagesView.as_view(), name="api-messages"),
    path(f"{PREFIX}/messages/<int:message_id>/settle", MessageSettlementView.as_view(), name="api-message-settle"),
    path(f"{PREFIX}/bounces", BouncesView.as_view(), name="api-bounces"),
    path(f"{PREFIX}/dead-addresses", DeadAddressesView.as_view(), name="api-dead-addresses"),
    path(f"{PREFIX}/dead-addresses/<int:address_id>", DeadAddressView.as_view(), name="api-dead-address"),
    path(f"{PREFIX}/usage", UsageView.as_view(), name="api-usage"),
    path(f"{PREFIX}/openapi.json", OpenApiView.as_view(), name="api-openapi"),
    re_path(rf"^{PREFIX}(/[\s\S]*)?$", UnknownAddressView.as_view(), name="api-unknown"),
]

# Where other systems call apps: no part of the API, and no account is needed.
hook_urls: list[URLPattern] = [path(f"{HOOKS}/<str:token>", hook, name="hook")]
