"""What a message took to come tells whether it was waited for, however far the broker is (docs/execution.md 1)."""

from __future__ import annotations

import pytest

from decommerce.community.event_queues import bursts_queue
from decommerce.operations.broker import broker_connection
from workers.depth import Depth, was_waited_for


@pytest.mark.requirement("TRG-08")
@pytest.mark.parametrize(
    ("waited", "answer_took", "answer_age", "known"),
    [
        (0.001, 0.0002, 1, False),
        (0.05, 0.0002, 1, True),
        # The broker is fifty milliseconds away: its backlog comes as slowly as that.
        (0.05, 0.05, 1, False),
        (0.6, 0.05, 1, True),
        # Nobody knows how far it is by now.
        (0.6, 0.0002, 6, False),
    ],
)
def test_a_message_was_waited_for_if_it_came_much_later_than_the_broker_answers(waited, answer_took, answer_age, known):
    assert was_waited_for(waited, answer_took, answer_age) is known


@pytest.mark.requirement("TRG-08")
def test_before_the_broker_was_asked_once_nothing_is_known():
    depth = Depth()
    assert not depth.is_nought(60)
    with broker_connection().clone() as connection:
        queue = bursts_queue().bind(connection.channel())
        depth.refresh(queue)
    assert depth.is_nought(60)
    assert not depth.is_nought(0.001)
