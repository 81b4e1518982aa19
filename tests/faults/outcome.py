"""What a fault test found, as one line and as a row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.faults.history import History

COLUMNS = ("test", "promise", "accepted", "finished", "lost", "repeated", "p99 recovery", "seconds", "faults made")
# Promise 5: so long after the end of a lease 99 of 100 runs are somebody's again.
BOUND_SECONDS = 15.0


@dataclass
class Outcome:
    """`accepted` is work whose commit was answered, or repeated until it was; `recovery` is in seconds, None where no
    run lost its worker, and judged where it is `bounded`. `faults` counts what was done to the system and bit, `broken`
    says which promises did not hold.
    """

    name: str = ""
    promise: str = ""
    accepted: int = 0
    finished: int = 0
    lost: int = 0
    repeated: int = 0
    recovery: float | None = None
    bounded: bool = True
    seconds: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return not (self.lost or self.repeated or self.broken) and self.accepted == self.finished

    def require(self, holds: bool, otherwise: str) -> None:
        """Note what did not hold."""
        if not holds:
            self.broken.append(otherwise)

    def judge(self, history: History) -> None:
        """What the database wrote down of every run, and how soon a run that lost its worker had another."""
        recovery = history.recovery()
        self.recovery = recovery.p99
        self.broken += history.faults()
        if self.recovery is not None and self.bounded:
            late = f"99 of 100 runs had a worker again within {self.recovery:.1f} s after their leases: {recovery}"
            self.require(self.recovery <= BOUND_SECONDS, late)

    def made(self, fault: str, count: int = 1) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + count

    def cells(self) -> tuple[str, ...]:
        recovery = "no lease lost" if self.recovery is None else f"{self.recovery:.1f} s"
        faults = ", ".join(f"{count} {fault}" for fault, count in self.faults.items())
        counts = (self.accepted, self.finished, self.lost, self.repeated)
        return (self.name, self.promise, *map(str, counts), recovery, f"{self.seconds:.0f}", faults)

    def line(self) -> str:
        """One line, with everything that did not hold."""
        told = ", ".join(f"{name} {cell}" for name, cell in zip(COLUMNS[2:], self.cells()[2:], strict=True) if cell)
        return f"{self.name}: {told}" + "".join(f"\n    BROKEN: {words}" for words in self.broken)


def table(outcomes: list[Outcome]) -> str:
    """All of them, in columns."""
    rows = [COLUMNS, *(outcome.cells() for outcome in outcomes)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                     for row in rows)  # fmt: skip
