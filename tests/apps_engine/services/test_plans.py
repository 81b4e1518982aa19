"""The plans of stored versions are compiled once and kept."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_engine.language.plan import Plan
from apps_engine.registry import registry
from apps_engine.services import plans
from apps_engine.services.apps import create_app, current_version
from apps_engine.services.plans import forget_plans, plan_of, plans_of
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition

TELL = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "It is time"}}


@pytest.fixture
def version_ids(tenant, principal) -> list[int]:
    """Versions whose plans nobody has asked for yet."""
    with tenant_scope(tenant.pk):
        apps = [create_app(principal, definition([TELL], name=f"App {number}")) for number in range(5)]
        found = [current_version(app).pk for app in apps]
    forget_plans()
    return found


def test_the_plans_of_many_versions_are_one_statement_and_then_none(tenant, version_ids):
    with tenant_scope(tenant.pk):
        with CaptureQueriesContext(connection) as first:
            found = plans_of(version_ids)
        with CaptureQueriesContext(connection) as second:
            again = {version_id: plan_of(version_id) for version_id in version_ids}
    assert (len(first), len(second)) == (1, 0)
    assert {version_id: plan.name for version_id, plan in found.items()} == {
        version_id: f"App {number}" for number, version_id in enumerate(version_ids)
    }
    assert all(again[version_id] is plan for version_id, plan in found.items())


def test_of_more_plans_than_are_kept_the_last_used_stay(tenant, version_ids, monkeypatch):
    monkeypatch.setattr(plans, "PLANS_KEPT", 2)
    first, second, third = version_ids[:3]
    with tenant_scope(tenant.pk):
        for version_id in (first, second, first, third):
            plan_of(version_id)
        with CaptureQueriesContext(connection) as kept:
            plans_of([first, third])
        with CaptureQueriesContext(connection) as gone:
            plan_of(second)
    assert (len(kept), len(gone)) == (0, 1)


def test_a_version_that_no_longer_compiles_says_why_beside_the_others(tenant, principal, version_ids):
    whole = registry.actions
    with tenant_scope(tenant.pk):
        app = create_app(
            principal,
            definition([{"id": "xp", "act": "award_xp", "params": {"member_id": 1, "amount": 1, "reason": "why"}}]),
        )
        outdated = current_version(app).pk
        forget_plans()
        registry.actions = {name: action for name, action in whole.items() if name != "award_xp"}
        vars(registry).pop("catalogue", None)
        try:
            found = plans_of([*version_ids, outdated])
        finally:
            registry.actions = whole
            vars(registry).pop("catalogue", None)
    assert isinstance(found.pop(outdated), plans.OUTDATED)
    assert len(found) == 5
    assert all(isinstance(plan, Plan) for plan in found.values())
