"""Redis is a hint and nothing more: emptied, unreachable, back again (docs/execution.md, promises 1 and 9)."""

from __future__ import annotations

import pytest
from django.conf import settings

from apps_engine.services.apps import create_app
from decommerce.community.models import OutboxEvent
from decommerce.tenancy.context import tenant_scope
from tests.scenarios.conftest import flush
from tests.scenarios.definitions import stamping, stamping_everyone
from tests.scenarios.proxy import wire_to
from tests.waiting import until

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.mark.requirement("RUN-01")
def test_everything_queued_finishes_after_redis_lost_all_it_knew(
    processes, redis, members, gate, start_runs, wait_for_states, stamps
):
    (member,) = members(1)
    gate.close()
    processes.worker()
    held = start_runs(stamping_everyone(0, gate.path, name="Held"))
    until(gate.reached, "the worker is busy")
    waiting = start_runs(stamping(member), 100)
    assert redis.llen(f"{settings.QUEUE_NAMESPACE}:runs") > 0
    flush(redis)
    gate.open()
    wait_for_states([*held, *waiting], "succeeded")
    assert sorted(stamps()) == [f"for {member}", *["stamped"] * 100]


def test_the_sweep_alone_finishes_all_work_while_redis_cannot_be_reached(
    processes, members, start_runs, wait_for_states, stamps
):
    (member,) = members(1)
    runs = start_runs(stamping(member), 30)
    worker = processes.worker(ready="Cannot connect", REDIS_URL=NOWHERE)
    wait_for_states(runs, "succeeded")
    assert stamps() == ["stamped"] * 30
    assert worker.popen.poll() is None


def test_a_worker_takes_hints_again_when_redis_is_back(
    processes, redis, service_environment, members, start_runs, wait_for_states
):
    (member,) = members(1)
    wire = wire_to(service_environment["REDIS_URL"])
    worker = processes.worker(REDIS_URL=wire.through(service_environment["REDIS_URL"]))
    wire.cut()
    during = start_runs(stamping(member, name="During"), 5)
    wait_for_states(during, "succeeded")
    wire.mend()
    after = start_runs(stamping(member, name="After"), 5)
    until(lambda: redis.llen(f"{settings.QUEUE_NAMESPACE}:runs") == 0, "the worker took the hints")
    wait_for_states(after, "succeeded")
    assert worker.popen.poll() is None


@pytest.mark.requirement("TRG-08")
def test_events_that_redis_lost_before_anybody_took_them_in_arrive_all_the_same(
    processes, redis, tenant, principal, members, stamps, owner_connection
):
    joined = {"type": "event", "event": "member.joined"}
    with tenant_scope(tenant.pk):
        create_app(principal, stamping("{{ trigger.member.id }}", trigger=joined))
    members(100)
    assert redis.llen(f"{settings.QUEUE_NAMESPACE}:{settings.EVENT_BURSTS_QUEUE}") > 0
    flush(redis)
    owner_connection.execute("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
    processes.worker()
    processes.consumer()
    until(lambda: len(stamps()) == 100, "a hundred members are stamped")
    with tenant_scope(tenant.pk):
        until(lambda: not OutboxEvent.objects.filter(envelope__type="member.joined").exists(), "the outbox is empty")
