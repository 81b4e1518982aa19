"""The whole way of an app's event: outbox, queue, consumer, worker, another app; and nowhere else (TRG-10)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import EventInbox, Execution
from decommerce.community.models import OutboxEvent
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition
from tests.waiting import until

BILLS = definition(
    [
        {"id": "all", "act": "emit_events", "params": {"event": "bill_settled", "items": "{{ inputs.bills }}"}},
        {"id": "done", "act": "emit_event", "params": {"event": "day_closed", "data": {"bills": "{{ all.count }}"}}},
    ],
    name="Bill split",
    permissions={"emits": ["bill_settled", "day_closed"]},
    inputs={"type": "object", "properties": {"bills": {"type": "array", "items": {"type": "object"}}}},
)


def budget(member: int) -> dict[str, Any]:
    """Leaves a stamp for every bill above ten."""
    text = "{{ trigger.who }} paid {{ trigger.amount }}"
    trigger = {"type": "event", "event": "bill_settled", "filter": {"amount": {"gt": 10}}}
    return definition(
        [{"id": "stamp", "act": "stamp", "params": {"member_id": member, "text": text}}],
        trigger,
        name="Budget",
        permissions={"subscribes": ["bill_settled"]},
    )


@pytest.mark.requirement("TRG-10")
@pytest.mark.requirement("TRG-08")
@pytest.mark.requirement("ACT-06")
@pytest.mark.requirement("SEC-01")
def test_events_of_an_app_start_the_apps_of_its_community_that_asked_for_them(
    processes, tenant, other_tenant, principal, members, stamps
):
    (member,) = members(1)
    with tenant_scope(tenant.pk):
        create_app(principal, budget(member))
        bills = create_app(principal, BILLS)
    with tenant_scope(other_tenant.pk):
        create_app(system_principal(other_tenant.pk, "the test"), budget(member))
    processes.consumer()
    processes.worker()
    settled = [{"who": "Ada", "amount": 47}, {"who": "Bob", "amount": 5}, {"who": "Cem", "amount": 12}]
    with tenant_scope(tenant.pk):
        run_app(principal, bills.pk, {"bills": settled})

    def arrived() -> int:
        with tenant_scope(tenant.pk):
            return EventInbox.objects.filter(type__startswith="app:").count()

    until(lambda: arrived() == 4, "all four events are taken in")
    until(lambda: len(stamps()) == 2, "the other app ran for two of them")
    assert sorted(stamps()) == ["Ada paid 47", "Cem paid 12"]
    with tenant_scope(tenant.pk):
        assert [run.chain for run in Execution.objects.filter(app__name="Budget")] == [[bills.pk]] * 2
        assert not OutboxEvent.objects.exists()
    with tenant_scope(other_tenant.pk):
        assert not EventInbox.objects.exists()
        assert not Execution.objects.exists()
