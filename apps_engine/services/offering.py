"""Apps that agents of the community may call as tools of their own: opted in one by one (MCP-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.services.apps import current_version, get_app
from apps_engine.services.errors import NotOfferable
from apps_engine.services.plans import plan_of
from apps_engine.services.tool_changes import tools_changed
from apps_engine.store.models import App
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class OfferedApp:
    """An app as a tool: `inputs` is the JSON Schema of what a run takes, {} where it takes nothing."""

    app: App
    version_id: int
    inputs: Mapping[str, Any]


def offer_as_tool(principal: Principal, app_id: int | str, offered: bool) -> App:
    """Offer an app with a manual trigger to agents, or no longer; raises NotOfferable. Twice changes nothing."""
    principal.require("apps:write")
    app = get_app(principal, app_id)
    if offered and _as_offered(app) is None:
        raise NotOfferable(f"“{app.name}” cannot be run by hand.", hint="Add a trigger of type manual.")
    if app.offered_as_tool != offered:
        app.offered_as_tool = offered
        app.updated_by = principal.label
        app.save(update_fields=["offered_as_tool", "updated_by", "updated_at"])
        record_audit(principal, "app.offered" if offered else "app.withdrawn", f"app:{app.pk}")
        tools_changed(app)
    return app


def offered_apps(principal: Principal) -> list[OfferedApp]:
    """What the community offers now, oldest first: active apps that can still be run by hand."""
    principal.require("apps:read")
    apps = App.objects.filter(offered_as_tool=True, status=App.Status.ACTIVE).order_by("pk")
    return [offered for app in apps if (offered := _as_offered(app)) is not None]


def offered_app(principal: Principal, app_id: int) -> OfferedApp | None:
    """One of them, None where there is none of that number."""
    principal.require("apps:read")
    app = App.objects.filter(pk=app_id, offered_as_tool=True, status=App.Status.ACTIVE).first()
    return None if app is None else _as_offered(app)


def _as_offered(app: App) -> OfferedApp | None:
    version = current_version(app)
    plan = plan_of(version.pk)
    by_hand = any(trigger.type == MANUAL for trigger in plan.triggers)
    return OfferedApp(app, version.pk, plan.inputs or {}) if by_hand else None
