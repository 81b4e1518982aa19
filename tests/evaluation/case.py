"""One request: what is said, and what has to come of it."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the definition has to show. In `starts`, `reads` and `acts` one of those between bars will do.

    `starts`: how it starts: an event's name, "delayed EVENT", "manual", "cron" with or without a weekday or a day of
    the month, or the whole cron. `says` and `lacks`: numbers and texts in it; `room`: a room that it names.
    """

    starts: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    room: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """`say` is said in turn. `refuses` names the limit that must be told; `calls_only` the tools that may be asked for.

    A third of the cases is held out: nobody looks at those while a composer or a prompt is tuned.
    """

    id: str
    kind: str
    say: tuple[str, ...]
    wants: Wanted | None = None
    refuses: tuple[str, ...] = ()
    calls_only: tuple[str, ...] | None = None
    warns: bool = False
    held_out: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "held_out", zlib.crc32(self.id.encode()) % 3 == 0)


def cases() -> list[Case]:
    """Every request, by kind."""
    return [
        _case(path.stem, json.loads(line)) for path in sorted(FOLDER.glob("*.jsonl")) for line in path.open() if line
    ]


def _case(kind: str, given: dict[str, Any]) -> Case:
    wants = given.get("wants")
    allowed = given.get("calls_only")
    return Case(
        id=given["id"],
        kind=kind,
        say=tuple(given["say"]),
        wants=None if wants is None else Wanted(**{name: _frozen(value) for name, value in wants.items()}),
        refuses=tuple(given.get("refuses", "").split("|")) if "refuses" in given else (),
        calls_only=None if allowed is None else tuple(allowed),
        warns=given.get("warns", False),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
