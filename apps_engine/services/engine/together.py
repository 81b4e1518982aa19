"""Several runs of one app at once, each as far as its next action, which is then applied for all of them together.

Every run is the one step loop, in a greenlet of its own: where it performs a local action it waits, and goes on with
the result. What a step means stands in one place, and no run knows that there are others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

Wish = TypeVar("Wish")
Ending = TypeVar("Ending")
# What becomes of one wish: a result, or the error that its run meets.
Answer = Any


@dataclass(slots=True)
class _Waiting(Generic[Wish]):
    place: int
    run: greenlet
    wish: Wish


class Together(Generic[Wish, Ending]):
    """Drives runs; `grant` answers the wishes of all that wait, in the order of their runs."""

    def __init__(self, grant: Callable[[Sequence[Wish]], Sequence[Answer]]) -> None:
        self._grant = grant
        self._driver = getcurrent()

    def ask(self, wish: Wish) -> Any:
        """Called by a run: wait until the wish is answered; raises what stands for the answer."""
        answer = self._driver.switch(wish)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def drive(self, runs: Sequence[Callable[[], Ending]]) -> list[Ending]:
        """What each run returned. What a run raises ends all of them."""
        endings: dict[int, Ending] = {}
        waiting = [
            one for place, run in enumerate(runs) if (one := self._go_on(place, _begun(run), None, endings)) is not None
        ]
        while waiting:
            answers = self._grant([one.wish for one in waiting])
            waiting = [
                again
                for one, answer in zip(waiting, answers, strict=True)
                if (again := self._go_on(one.place, one.run, answer, endings)) is not None
            ]
        return [endings[place] for place in range(len(runs))]

    def _go_on(self, place: int, run: greenlet, answer: Answer, endings: dict[int, Ending]) -> _Waiting[Wish] | None:
        found = run.switch(answer) if run else run.switch()
        if not run.dead:
            return _Waiting(place, run, found)
        endings[place] = found
        return None


def _begun(run: Callable[[], Any]) -> greenlet:
    begun = greenlet(run)
    begun.gr_context = copy_context()
    return begun
