"""Whether something else waits on the queue that a message came from: asked only where its coming does not tell."""

from __future__ import annotations

import time

from kombu import Queue

# A message that was on the queue already comes sooner, unless the broker is far away.
LONE_SECONDS = 0.02
ANSWERS_AWAY = 10
# So long what asking took says how far that is. While nothing comes it is asked in time for the next message.
KNOWN_SECONDS = 5.0
AGAIN_SECONDS = KNOWN_SECONDS / 2


class Depth:
    """Asks for the length of a queue, and remembers when that was and how many seconds the answer took."""

    def __init__(self) -> None:
        self._asked_at = -KNOWN_SECONDS
        self._took = 0.0

    def ask(self, queue: Queue) -> int:
        """How many messages wait on the queue, which is bound to a channel."""
        began = time.monotonic()
        count = int(queue.queue_declare().message_count)
        self._asked_at = time.monotonic()
        self._took = self._asked_at - began
        return count

    def refresh(self, queue: Queue) -> None:
        """Ask again where the last answer is getting old, so that who comes next need not wait for one."""
        if self._age() >= AGAIN_SECONDS:
            self.ask(queue)

    def is_nought(self, waited: float) -> bool:
        """Whether a message that came after so many seconds must have found the queue empty."""
        return was_waited_for(waited, self._took, self._age())

    def _age(self) -> float:
        return time.monotonic() - self._asked_at


def was_waited_for(waited: float, answer_took: float, answer_age: float) -> bool:
    """Whether a message that took `waited` seconds to come was not on the queue when we began to wait for it.

    A backlog comes as slowly as the broker answers; an answer that is too old tells nothing about that.
    """
    return answer_age < KNOWN_SECONDS and waited >= max(LONE_SECONDS, ANSWERS_AWAY * answer_took)
