"""What a fault test found, as one line and as a row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

COLUMNS = ("test", "promise", "accepted", "finished", "lost", "repeated", "p99 recovery", "faults made")


@dataclass
class Outcome:
    """`accepted` is work whose commit was answered, or repeated until it was; `recovery` is in seconds, None where no
    run lost its worker. `faults` counts what was done to the system; `broken` says which promises did not hold."""

    name: str = ""
    promise: str = ""
    accepted: int = 0
    finished: int = 0
    lost: int = 0
    repeated: int = 0
    recovery: float | None = None
    faults: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return not (self.lost or self.repeated or self.broken)

    def require(self, holds: bool, otherwise: str) -> None:
        """Note what did not hold."""
        if not holds:
            self.broken.append(otherwise)

    def made(self, fault: str, count: int = 1) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + count

    def cells(self) -> tuple[str, ...]:
        recovery = "-" if self.recovery is None else f"{self.recovery:.1f} s"
        faults = ", ".join(f"{count} {fault}" for fault, count in self.faults.items())
        counts = (self.accepted, self.finished, self.lost, self.repeated)
        return (self.name, self.promise, *map(str, counts), recovery, faults)

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
