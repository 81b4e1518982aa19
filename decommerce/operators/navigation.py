"""The sidebar of the operators' pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

# Group, then title, icon and the model's place in the addresses.
OF_A_TENANT = (
    (
        "Apps",
        (
            ("Apps", "apps", "engine_app"),
            ("Versions", "history", "engine_appversion"),
            ("Schedules", "schedule", "engine_schedule"),
            ("Webhooks", "webhook", "engine_webhookaddress"),
        ),
    ),
    (
        "Runs",
        (
            ("Runs", "play_arrow", "engine_execution"),
            ("Steps", "list", "engine_stepresult"),
            ("Effects", "outbound", "engine_effect"),
            ("Events", "event", "engine_eventinbox"),
            ("Reasons for no run", "help", "engine_decision"),
        ),
    ),
    (
        "People",
        (
            ("Team and members", "group", "tenancy_membership"),
            ("Invitations", "mail", "tenancy_invitation"),
            ("API keys", "key", "tenancy_apikey"),
            ("Audit log", "fact_check", "tenancy_auditentry"),
        ),
    ),
)
OF_THE_PLATFORM = (
    ("Tenants", "domain", "index"),
    ("Dead letters", "drafts", "engine_deadletter_changelist"),
    ("Operators’ deeds", "fact_check", "admin_logentry_changelist"),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What is nobody's always, and what is the tenant's once one is chosen."""
    platform = [
        {"title": title, "icon": icon, "link": reverse(f"admin:{name}")} for title, icon, name in OF_THE_PLATFORM
    ]
    platform.append({"title": "System", "icon": "monitor_heart", "link": reverse("operations")})
    if settings.FLOWER_URL:
        platform.append({"title": "Flower", "icon": "local_florist", "link": settings.FLOWER_URL})
    groups: list[dict[str, Any]] = [{"title": "Platform", "items": platform}]
    if getattr(request, "tenant", None) is None:
        return groups
    for title, entries in OF_A_TENANT:
        items = [
            {"title": name, "icon": icon, "link": reverse(f"admin:{model}_changelist")} for name, icon, model in entries
        ]
        groups.append({"title": title, "separator": True, "items": items})
    return groups
