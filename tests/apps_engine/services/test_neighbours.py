"""An app is saved among the others of its community: circles are refused, what two apps write is told (TRG-10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from apps_engine.services.apps import create_app, delete_app, pause_app, update_app
from apps_engine.services.definitions import check
from apps_engine.services.errors import DefinitionRefused
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition, flagging

pytestmark = pytest.mark.requirement("TRG-10")


def relay(name: str, hears: str, sends: str) -> dict[str, Any]:
    """An app that answers one app event with another."""
    steps = [{"act": "emit_event", "params": {"event": sends, "data": {}}}]
    permissions = {"emits": [sends], "subscribes": [hears]}
    return definition(steps, {"type": "event", "event": hears}, name=name, permissions=permissions)


def codes(principal, source) -> set[str]:
    return {problem.code for problem in check(principal, source).problems}


def test_an_app_that_closes_a_circle_is_refused_and_nothing_is_stored(scope, principal):
    create_app(principal, relay("Bill split", "budget_kept", "bill_settled"))
    with pytest.raises(DefinitionRefused) as refused:
        create_app(principal, relay("Budget", "bill_settled", "budget_kept"))
    (problem,) = refused.value.problems
    assert (problem.code, problem.path) == ("event_cycle", "/triggers/0/event")
    assert "“Bill split”" in problem.message
    assert App.objects.count() == 1


def test_a_new_version_that_closes_a_circle_is_refused_and_the_old_one_stays(scope, principal):
    create_app(principal, relay("Bill split", "budget_kept", "bill_settled"))
    budget = create_app(principal, relay("Budget", "bill_settled", "elsewhere"))
    with pytest.raises(DefinitionRefused):
        update_app(principal, budget.pk, relay("Budget", "bill_settled", "budget_kept"))
    budget.refresh_from_db()
    assert budget.version_number == 1
    assert codes(principal, relay("Budget", "bill_settled", "elsewhere")) & {"event_cycle"} == set()


def test_a_paused_app_counts_and_a_deleted_one_does_not(scope, principal):
    first = create_app(principal, relay("Bill split", "budget_kept", "bill_settled"))
    closing = relay("Budget", "bill_settled", "budget_kept")
    pause_app(principal, first.pk)
    assert "event_cycle" in codes(principal, closing)
    delete_app(principal, first.pk)
    assert "event_cycle" not in codes(principal, closing)
    create_app(principal, closing)


def test_the_newest_version_of_the_others_counts(scope, principal):
    first = create_app(principal, relay("Bill split", "budget_kept", "bill_settled"))
    update_app(principal, first.pk, relay("Bill split", "something_else", "bill_settled"))
    create_app(principal, relay("Budget", "bill_settled", "budget_kept"))


def test_of_two_that_are_saved_at_once_one_is_refused(tenant, principal):
    def save(source: dict[str, Any]) -> str:
        try:
            with tenant_scope(tenant.pk):
                create_app(principal, source)
        except DefinitionRefused as refused:
            return refused.problems[0].code
        finally:
            connections.close_all()
        return "saved"

    pair = [relay("Bill split", "budget_kept", "bill_settled"), relay("Budget", "bill_settled", "budget_kept")]
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, pair)) == ["event_cycle", "saved"]


@pytest.mark.requirement("SEC-01")
def test_the_apps_of_another_community_are_no_neighbours(tenant, other_tenant, principal):
    with tenant_scope(other_tenant.pk):
        create_app(system_principal(other_tenant.pk, "the test"), relay("Bill split", "budget_kept", "bill_settled"))
    with tenant_scope(tenant.pk):
        closing = relay("Budget", "bill_settled", "budget_kept")
        assert codes(principal, closing) & {"event_cycle", "event_loop", "same_effect"} == set()
        create_app(principal, closing)


def test_what_another_app_does_too_is_told_and_not_refused(scope, principal):
    create_app(principal, flagging())
    twin = {**flagging(below=20), "name": "Flag very short posts"}
    (problem,) = [problem for problem in check(principal, twin).problems if problem.code == "same_effect"]
    assert "“Flag short posts”" in problem.message
    create_app(principal, twin)
