"""How many calls of a model are under way at once, against a real Redis."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import ExitStack

import pytest

from decommerce.intelligence.errors import ModelBusy
from decommerce.intelligence.places import place_for
from tests.waiting import until

pytestmark = pytest.mark.requirement("ACT-04")

_tenants = itertools.count(10_000_000)


@pytest.fixture
def rooms(settings, request):
    """A count of this test's own, with room for three calls in all and two of a tenant."""
    settings.QUEUE_NAMESPACE = f"{settings.QUEUE_NAMESPACE}:{request.node.name}:{time.time_ns()}"
    settings.MODEL_CALLS_AT_ONCE = 3
    settings.MODEL_CALLS_AT_ONCE_PER_TENANT = 2


def test_a_tenant_has_its_share_and_no_more(rooms):
    tenant, other = next(_tenants), next(_tenants)
    with place_for(tenant, 60), place_for(tenant, 60):
        with pytest.raises(ModelBusy) as busy, place_for(tenant, 60, patience=0):
            pass
        assert (busy.value.code, busy.value.retryable, busy.value.sent) == ("model_busy", True, False)
        with place_for(other, 60):
            pass
    with place_for(tenant, 60, patience=0):
        pass


def test_all_tenants_together_have_no_more_than_the_system_allows(rooms):
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(place_for(next(_tenants), 60))
        with pytest.raises(ModelBusy), place_for(next(_tenants), 60, patience=0):
            pass


def test_a_step_that_finds_no_place_waits_for_one(rooms):
    tenant, entered = next(_tenants), threading.Event()

    def wait() -> None:
        with place_for(tenant, 60, patience=30):
            entered.set()

    waiting = threading.Thread(target=wait)
    with place_for(tenant, 60), place_for(tenant, 60):
        waiting.start()
    until(entered.is_set, "the third call enters")
    waiting.join()


def test_a_dead_workers_place_is_free_again_when_its_call_must_be_over(rooms):
    tenant = next(_tenants)
    abandoned = [place_for(tenant, 0.2), place_for(tenant, 0.2)]
    for place in abandoned:
        place.__enter__()
    with place_for(tenant, 60, patience=30):
        pass


def test_an_error_inside_frees_the_place(rooms):
    tenant = next(_tenants)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), place_for(tenant, 60, patience=0):
            raise ZeroDivisionError


def test_many_at_once_never_pass_the_bound(rooms):
    tenant, lock, now_in, most = next(_tenants), threading.Lock(), [0], [0]

    def call() -> None:
        with place_for(tenant, 60, patience=60):
            with lock:
                now_in[0] += 1
                most[0] = max(most[0], now_in[0])
            with lock:
                now_in[0] -= 1

    threads = [threading.Thread(target=call) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 2


def test_without_redis_nobody_counts_and_nobody_waits(rooms, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with ExitStack() as held:
        for _ in range(5):
            held.enter_context(place_for(1, 60, patience=0))
