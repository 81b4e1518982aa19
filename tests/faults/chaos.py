"""Random misfortune: processes killed, frozen and starved of their services."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

from tests.faults.fleet import Fleet
from tests.faults.outcome import Outcome
from tests.faults.world import LEASE_SECONDS, World
from tests.scenarios.processes import Process
from tests.scenarios.proxy import COMMITTED

WIRES = ("postgres", "valkey", "outside")


class Chaos:
    """Does one thing at a time to a fleet, drawn by `seed`; never freezes or kills all workers at once."""

    def __init__(self, world: World, fleet: Fleet, outcome: Outcome, seed: int) -> None:
        self._world = world
        self._fleet = fleet
        self._outcome = outcome
        self._random = random.Random(seed)
        self._thaws: list[tuple[float, int]] = []
        self._mends: list[tuple[float, str]] = []

    def strike(self) -> None:
        """Do something, and undo what is over."""
        self.recover()
        acts = (self.kill_worker, self.kill_child, self.freeze, self.cut, self.drop, self.hold, self.half_close,
                self.swallow, self.kill_consumer, self.flush)  # fmt: skip
        weights = (6, 4, 3, 1, 3, 2, 2, 4, 1, 1)
        self._random.choices(acts, weights)[0]()

    def tell_of_wires(self) -> None:
        """Count what the connections came to feel."""
        for name in WIRES:
            # What nobody came to feel was no fault.
            for act, count in (+getattr(self._world, name).bitten).items():
                self._outcome.made(f"{act} of {name}", count)

    def recover(self, *, all_of_it: bool = False) -> None:
        """Thaw and mend whatever has been away for long enough."""
        now = time.monotonic()
        for ends, pid in [one for one in self._thaws if all_of_it or one[0] <= now]:
            self._thaws.remove((ends, pid))
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGCONT)
        for ends, wire in [one for one in self._mends if all_of_it or one[0] <= now]:
            self._mends.remove((ends, wire))
            getattr(self._world, wire).mend()

    def kill_worker(self) -> None:
        if len(awake := self._awake()) > 1:
            self._random.choice(awake).kill()
            self._outcome.made("kill of a worker")

    def kill_child(self) -> None:
        children = [child for worker in self._awake() for child in worker.children()]
        if children:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(children), signal.SIGKILL)
                self._outcome.made("kill of a child")

    def kill_consumer(self) -> None:
        for consumer in self._fleet.of("consumer")[:1]:
            consumer.kill()
            self._outcome.made("kill of a consumer")

    def freeze(self) -> None:
        """Past its lease."""
        if len(awake := self._awake()) > 2:
            pid = self._random.choice(awake).popen.pid
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGSTOP)
                self._outcome.made("freeze")
            self._thaws.append((time.monotonic() + LEASE_SECONDS * 1.7, pid))

    def cut(self) -> None:
        wire = self._random.choice(WIRES)
        if all(wire != other for _, other in self._mends):
            getattr(self._world, wire).cut()
            self._mends.append((time.monotonic() + 2, wire))

    def drop(self) -> None:
        getattr(self._world, self._random.choice(WIRES)).drop()

    def hold(self) -> None:
        getattr(self._world, self._random.choice(WIRES)).hold(self._random.uniform(0.2, 2.5))

    def half_close(self) -> None:
        getattr(self._world, self._random.choice(WIRES)).half_close(LEASE_SECONDS + 1)

    def swallow(self) -> None:
        self._world.postgres.swallow(COMMITTED, self._random.randint(1, 3))

    def flush(self) -> None:
        self._world.flush()
        self._outcome.made("flush")

    def _awake(self) -> list[Process]:
        """Those that work: who has only just been started helps nobody yet."""
        frozen = {pid for _, pid in self._thaws}
        ready = [worker for worker in self._fleet.of("worker") if self._fleet.is_ready(worker)]
        return [worker for worker in ready if worker.popen.pid not in frozen]
