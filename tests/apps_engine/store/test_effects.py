"""What calls cost in the database, whatever its statistics say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from apps_engine.store.effects import known_calls, settle
from apps_engine.store.models import Effect
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.store.reading import rows_read

pytestmark = pytest.mark.requirement("RUN-05")
STORED, TOGETHER = 400, 8


def _store(number: int) -> list[Effect]:
    calls = [Effect(idem_key=f"call {place}", path="main/told", action="tell", fence=1) for place in range(number)]
    return Effect.objects.bulk_create(calls)


@pytest.fixture
def calls(tenant, other_tenant, owner_connection) -> Sequence[Effect]:
    """Eight of four hundred calls of a tenant of whom the statistics know nothing."""
    with tenant_scope(other_tenant.pk):
        _store(STORED)
    owner_connection.execute("ANALYZE engine_effect")
    with tenant_scope(tenant.pk):
        return _store(STORED)[:TOGETHER]


def _settle(calls: Sequence[Effect]) -> None:
    for call in calls:
        call.state = Effect.State.DONE
    settle(calls, 2)


def _look_up(calls: Sequence[Effect]) -> None:
    assert list(known_calls(call.idem_key for call in calls)) == [call.idem_key for call in calls]


@pytest.mark.parametrize("number", [1, TOGETHER])
@pytest.mark.parametrize("work", [_settle, _look_up])
def test_calls_are_found_by_their_keys_also_for_a_tenant_of_whom_the_statistics_know_nothing(
    calls, tenant, work: Callable[[Sequence[Effect]], None], number: int
):
    with tenant_scope(tenant.pk):
        before = rows_read("engine_effect")
        work(calls[:number])
        assert rows_read("engine_effect") - before < STORED / 4
