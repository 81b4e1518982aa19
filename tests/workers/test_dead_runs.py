"""A run that kills its workers ends, counts and is told of as any failure is (docs/execution.md 9, promise 6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.store.claims import claim
from apps_engine.store.models import App
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from workers.sweep import end_exhausted

pytestmark = pytest.mark.requirement("RUN-06")


@pytest.fixture
def kill_workers(owner_connection) -> Callable[[list[int]], None]:
    """As if each run had killed its worker at its last attempt."""

    def kill(runs: list[int]) -> None:
        for run in runs:
            claim("a worker that dies", 1, [run])
        owner_connection.execute(
            "UPDATE engine_execution SET lease_until = now() - interval '1 second' WHERE state = 'running'"
        )
        end_exhausted()

    return kill


@pytest.fixture
def notices(tenant) -> Callable[[], list[Notification]]:
    """What the admins were told."""

    def read() -> list[Notification]:
        with tenant_scope(tenant.pk):
            return list(Notification.objects.order_by("pk"))

    return read


def test_the_admins_hear_once_a_day_of_runs_that_lost_their_worker(
    tenant, make_admin, start_runs, kill_workers, notices
):
    admin = make_admin(tenant)
    kill_workers(start_runs(2, retry={"max_attempts": 1}, concurrency={"mode": "parallel"}))
    (notice,) = notices()
    assert notice.member_id == admin.pk
    assert notice.title.endswith("failed")
    assert "its worker stopped in the middle of the last attempt. Look at what the last step" in notice.body
    with tenant_scope(tenant.pk):
        assert App.objects.get().consecutive_errors == 2


def test_an_app_that_tells_of_no_failure_tells_of_none_of_these(tenant, make_admin, start_runs, kill_workers, notices):
    make_admin(tenant)
    kill_workers(start_runs(retry={"max_attempts": 1}, notify_on_error=False))
    assert notices() == []
