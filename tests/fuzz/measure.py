"""Running cases: how long each took of the processor, and how much memory those took that may have taken much."""

from __future__ import annotations

import gc
import heapq
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.fuzz.cases import RENDERED, Case

MOST_SECONDS = 0.1
MOST_BYTES = 32 * 1_048_576
# Building 32 MiB takes longer than this, so that only what is slower has to be traced; and since tracing takes ten
# times as long as the case itself, of what is not much slower one in eight.
TRACED_SECONDS = 0.004
ALWAYS_TRACED_SECONDS = 0.02
TRACED_ONE_IN = 8
SHOWN = 8


@dataclass(frozen=True, slots=True, order=True)
class Weighed:
    """A case and what it took."""

    amount: float
    number: int
    kind: str = field(compare=False)
    source: str = field(compare=False)


@dataclass(slots=True)
class Tally:
    """What came of the cases. `faults` are exceptions not of the language, `slow` and `large` broke a bound."""

    cases: int = 0
    seconds: float = 0.0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    slowest: list[Weighed] = field(default_factory=list)
    largest: list[Weighed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    slow: list[Weighed] = field(default_factory=list)
    large: list[Weighed] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether no case broke anything."""
        return not (self.faults or self.slow or self.large)

    def run(self, cases: Iterable[Case]) -> None:
        """Run every case; goes on after a fault."""
        for one in cases:
            self.cases += 1
            taken = self._timed(one)
            if taken is None:
                continue
            self.seconds += taken
            _keep(self.slowest, one, taken)
            if taken > ALWAYS_TRACED_SECONDS or (taken > TRACED_SECONDS and one.number % TRACED_ONE_IN == 0):
                self._trace(one)
            if taken > MOST_SECONDS:
                # Another process may have been in the way: what counts is what it takes at its best.
                best = min(filter(None, [taken, *(self._timed(one, counted=False) for _ in range(3))]))
                if best > MOST_SECONDS:
                    self.slow.append(_weighed(one, best))

    def _timed(self, one: Case, *, counted: bool = True) -> float | None:
        """Seconds of the processor; None for a fault."""
        started = time.process_time()
        try:
            outcome = one.run()
        except Exception:  # noqa: BLE001 - what else it raises is what is looked for
            self.faults.append(f"case {one.number} ({one.kind}): {one.shown}\n{traceback.format_exc(limit=-6)}")
            return None
        taken = time.process_time() - started
        if counted:
            self.outcomes[one.kind, outcome] += 1
        return taken

    def _trace(self, one: Case) -> None:
        gc.collect(0)
        tracemalloc.start()
        try:
            one.run()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        _keep(self.largest, one, peak)
        if peak > MOST_BYTES:
            self.large.append(_weighed(one, peak))

    def report(self) -> str:
        """The tally in words."""
        by_kind = Counter[str]()
        rendered = Counter[str]()
        codes = Counter[str]()
        for (kind, outcome), count in self.outcomes.items():
            by_kind[kind] += count
            rendered[kind] += count if outcome == RENDERED else 0
            codes[outcome] += count if outcome != RENDERED else 0
        lines = [f"{self.cases:,} cases, {self.seconds:.0f} s of the processor, {len(codes)} codes of errors met"]
        lines += [f"  {kind:<14}{by_kind[kind]:>9,}   rendered {rendered[kind]:>9,}" for kind in sorted(by_kind)]
        lines.append("most frequent: " + ", ".join(f"{code} {count:,}" for code, count in codes.most_common(SHOWN)))
        lines += _listed("slowest", self.slowest, lambda amount: f"{amount * 1e3:8.1f} ms")
        lines += _listed("largest", self.largest, lambda amount: f"{amount / 1_048_576:8.1f} MiB")
        lines.append(f"faults {len(self.faults)}, over {MOST_SECONDS * 1e3:.0f} ms {len(self.slow)}, "
                     f"over {MOST_BYTES // 1_048_576} MiB {len(self.large)}")  # fmt: skip
        for found in (*self.slow[:SHOWN], *self.large[:SHOWN]):
            lines.append(f"  {found.amount:,.3f}  case {found.number} ({found.kind}): {found.source}")
        return "\n".join([*lines, *self.faults[:SHOWN]])


def _weighed(one: Case, amount: float) -> Weighed:
    return Weighed(amount, one.number, one.kind, one.shown)


def _keep(heap: list[Weighed], one: Case, amount: float) -> None:
    """Keep the heaviest."""
    if len(heap) < SHOWN:
        heapq.heappush(heap, _weighed(one, amount))
    elif amount > heap[0].amount:
        heapq.heapreplace(heap, _weighed(one, amount))


def _listed(title: str, heap: list[Weighed], shown: Callable[[float], str]) -> list[str]:
    rows = sorted(heap, reverse=True)
    return [f"{title}:", *(f"  {shown(row.amount)}  case {row.number} ({row.kind}): {row.source:.160}" for row in rows)]
