"""Runs that share a transaction, and a worker that dies in the middle of it (docs/decisions/0006-batches.md)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.scenarios.conftest import flush

PARAMS = {"member_id": "{{ inputs.member }}", "text": "{{ inputs.text }}", "deadly": "{{ inputs.deadly }}"}
TYPES = {"member": {"type": "integer"}, "text": {"type": "string"}, "deadly": {"type": "boolean"}}
INPUTS = {"type": "object", "properties": TYPES}


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize("mode", ["queue", "parallel"])
def test_a_run_that_kills_the_worker_of_its_batch_dies_alone_and_costs_its_neighbours_nothing(
    processes, members, tenant, principal, wait_for_states, stamps, redis, mode
):
    (member,) = members(1)
    app_settings = {"concurrency": {"mode": mode}, "retry": {"max_attempts": 2}}
    stamping = definition([{"id": "stamp", "act": "stamp", "params": PARAMS}], inputs=INPUTS, settings=app_settings)
    with tenant_scope(tenant.pk):
        app = create_app(principal, stamping).pk
        runs = [
            run_app(principal, app, {"member": member, "text": str(number), "deadly": number == 5}).pk
            for number in range(12)
        ]
    poison = runs.pop(5)
    # Without their hints they are found together.
    flush(redis)
    processes.worker(DECOMMERCE_LEASE_SECONDS="1")
    wait_for_states([poison], "dead")
    wait_for_states(runs, "succeeded")
    assert sorted(stamps(), key=int) == [str(number) for number in range(12) if number != 5]
    with tenant_scope(tenant.pk):
        neighbours = Execution.objects.filter(pk__in=runs)
        assert set(neighbours.values_list("attempt", flat=True)) == {1}
        # They were claimed together with it, and then each by itself.
        assert neighbours.filter(fence=2).count() >= 6
        assert Execution.objects.get(pk=poison).attempt == 2
