"""Who publishes many events does so by a queue of its own (TRG-08)."""

from __future__ import annotations

import pytest

from decommerce.community.event_catalogue import EVENTS
from decommerce.community.event_queues import MOST_A_SECOND, MOST_OF_A_FEW, Rates, bursts_queue, events_queue
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("TRG-08")
SAMPLE = EVENTS["post.created"].sample


@pytest.mark.parametrize(("count", "queue"), [(1, events_queue()), (20, events_queue()), (21, bursts_queue())])
def test_many_events_of_one_commit_go_by_the_queue_for_bursts(tenant, published, count, queue):
    assert count <= MOST_OF_A_FEW or queue != events_queue()
    with tenant_scope(tenant.pk):
        emit_many([NewEvent("post.created", SAMPLE, f"post/{number}") for number in range(count)])
    (message,) = published.messages_of(tenant)
    assert message.delivery_info["routing_key"] == queue.name


def test_so_do_single_ones_of_who_publishes_too_many_within_a_second_and_nobody_elses():
    rates = Rates()
    # The second may end once meanwhile.
    names = [rates.queue_for(1, 1).name for _ in range(3 * MOST_A_SECOND)]
    assert names[:MOST_A_SECOND] == [events_queue().name] * MOST_A_SECOND
    assert names.count(bursts_queue().name) >= MOST_A_SECOND
    assert rates.queue_for(2, 1) == events_queue()
