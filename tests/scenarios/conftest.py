"""A quiet system, processes to start on it, a community to act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count as numbered
from itertools import islice
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution
from decommerce.community.models import Notification
from decommerce.community.services.members import NewMember, join_many
from decommerce.tenancy.context import tenant_scope
from tests.scenarios.plugins.actions import ACTIONS
from tests.scenarios.plugins.gates import Gate
from tests.scenarios.processes import Processes, attach_logs
from tests.waiting import until

LEASE_SECONDS = 2


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    attach_logs(item, outcome.get_result())


@pytest.fixture(scope="package", autouse=True)
def plugins() -> Iterator[None]:
    """The test's actions in this process too, so that definitions that name them are accepted."""
    registry.add_actions(ACTIONS)
    vars(registry).pop("catalogue", None)
    yield
    for action in ACTIONS:
        del registry.actions[action.name]
    vars(registry).pop("catalogue", None)


@pytest.fixture
def redis() -> Redis:
    """Redis as the system knows it."""
    return Redis.from_url(settings.REDIS_URL)


@pytest.fixture(autouse=True)
def quiet(owner_connection, redis) -> None:
    """Nothing is left over from earlier tests in this process's database and queue."""
    owner_connection.execute("UPDATE engine_execution SET state = 'cancelled' WHERE state IN ('queued', 'running')")
    owner_connection.execute(
        "UPDATE community_outboundmessage SET state = 'failed' WHERE state IN ('queued', 'sending')"
    )
    owner_connection.execute("DELETE FROM community_outboxevent")
    owner_connection.execute("UPDATE engine_schedule SET next_fire_at = NULL")
    flush(redis)


def flush(redis: Redis) -> None:
    """FLUSHALL as far as this system can see: every key of its namespace. The server is shared with other test runs."""
    for key in redis.scan_iter(f"{settings.QUEUE_NAMESPACE}:*", count=1000):
        redis.delete(key)


@pytest.fixture
def processes(service_environment, tmp_path) -> Iterator[Processes]:
    """Starts processes with a lease of two seconds; ends them all."""
    environment = {**service_environment, "DECOMMERCE_LEASE_SECONDS": str(LEASE_SECONDS)}
    started = Processes(environment, tmp_path)
    yield started
    started.close()


@pytest.fixture
def gate(tmp_path) -> Gate:
    """Somewhere to hold an action."""
    return Gate(str(tmp_path / "gate"))


@pytest.fixture
def members(tenant) -> Callable[[int], list[int]]:
    """Make members, others at each call; their ids."""
    numbers = numbered()

    def make(count: int) -> list[int]:
        with tenant_scope(tenant.pk):
            people = [NewMember(f"Member {n}", f"member{n}@{tenant.slug}.example") for n in islice(numbers, count)]
            return [member.pk for member in join_many(people)]

    return make


@pytest.fixture
def start_runs(tenant, principal) -> Callable[..., list[int]]:
    """Create an app and start runs of it by hand; their ids."""

    def start(definition: dict[str, Any], count: int = 1, **inputs: Any) -> list[int]:
        with tenant_scope(tenant.pk):
            app = create_app(principal, definition)
            return [run_app(principal, app.pk, inputs).pk for _ in range(count)]

    return start


@pytest.fixture
def states(tenant) -> Callable[[list[int]], list[str]]:
    """The states of runs, in the order of their ids."""

    def read(ids: list[int]) -> list[str]:
        with tenant_scope(tenant.pk):
            return list(Execution.objects.filter(pk__in=ids).order_by("pk").values_list("state", flat=True))

    return read


@pytest.fixture
def wait_for_states(states) -> Callable[..., None]:
    """Wait until every run is in the state."""

    def wait(ids: list[int], state: str, seconds: float = 45) -> None:
        until(lambda: set(states(ids)) == {state}, f"runs {ids} are {state}", seconds)

    return wait


@pytest.fixture
def stamps(tenant) -> Callable[[], list[str]]:
    """The texts of all stamps."""

    def read() -> list[str]:
        with tenant_scope(tenant.pk):
            return list(Notification.objects.order_by("pk").values_list("title", flat=True))

    return read
