"""Definitions and runs for the tests of the workers."""

from __future__ import annotations

from typing import Any

from decommerce.community.models import Member
from decommerce.community.services.members import NewMember, join
from decommerce.tenancy.context import tenant_scope


def telling(member_id: int, **settings: Any) -> dict[str, Any]:
    """Tells a member the number of the run."""
    step = {"id": "tell", "act": "send_notification", "params": {"to": member_id, "title": "{{ run.id | to_text }}"}}
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": f"Tell {member_id}",
        "description": "Tells a member the number of the run.",
        "triggers": [{"id": "start", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": [step]}},
        "settings": settings,
    }


def new_member(tenant: Any) -> int:
    """The id of a new member."""
    with tenant_scope(tenant.pk):
        return join(NewMember("Ada", f"ada{Member.objects.count()}@{tenant.slug}.example")).pk
