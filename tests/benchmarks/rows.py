"""Transforms of 1,000 and 10,000 rows: the time for a row must not grow with their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.transforms import TRANSFORMS
from tests.benchmarks.measure import medians, report, seconds

FEW, MANY = 1_000, 10_000


def transforms() -> None:
    """Group, join and sort, per row."""
    variants = {}
    for name, params in _PARAMS.items():
        for size in (FEW, MANY):
            rows = _rows(size)
            given = {key: rows if value is _ROWS else value for key, value in params.items()}
            variants[f"{name} of {size:,} rows, per row"] = _timed(name, rows, given)
    plain = _rows(MANY)
    floor = "a copy of 10,000 rows, per row (floor)"
    found = medians({floor: lambda: seconds(lambda: [dict(row) for row in plain]) / MANY, **variants})
    report("Transforms", found, floor)


_ROWS = object()
_PARAMS: Mapping[str, Mapping[str, Any]] = {
    "sort": {"by": ["-score", "name"]},
    "group": {"by": ["room"]},
    "aggregate": {"by": ["room"], "metrics": {"total": {"sum": "score"}, "rows": {"count": "*"}}},
    "merge": {"with": _ROWS, "on": "id"},
}


def _rows(size: int) -> list[dict[str, Any]]:
    return [{"id": n, "room": n % 97, "score": (n * 7919) % 1_000, "name": f"Member {n}"} for n in range(size)]


def _timed(name: str, rows: list[dict[str, Any]], params: Mapping[str, Any]) -> Any:
    apply = TRANSFORMS[name].apply
    return lambda: seconds(lambda: apply(rows, params, None)) / len(rows)
