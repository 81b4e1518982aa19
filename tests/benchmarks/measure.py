"""Timing and printing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 5
_judged: list[str] = []


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def medians(variants: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of each variant; the variants take turns, so that a slow minute of the machine hits all of them."""
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, variant in variants.items():
            found[name].append(variant())
    return {name: statistics.median(times) for name, times in found.items()}


def report(title: str, times: Mapping[str, float], floor: str) -> None:
    """One block: each variant in microseconds, and how many times the floor it takes."""
    print(f"\n{title}")
    for name, time_taken in times.items():
        print(f"  {name:<58}{time_taken * 1e6:>12,.1f} us {time_taken / times[floor]:>9.3g} x")


def faster(title: str, times: Mapping[str, float], *, must: float, goal: float) -> None:
    """One block: how many times faster `ours` is than the `floor`."""
    print(f"\n{title}")
    for name, time_taken in times.items():
        print(f"  {name:<58}{time_taken * 1e6:>12,.1f} us")
    judge(f"{title}: times faster than the floor", times["floor"] / times["ours"], must=must, goal=goal, unit="x")


def judge(what: str, value: float, *, must: float, goal: float, unit: str = "") -> None:
    """Say whether a value is what it must be, and what is wanted; `summary` says it again.

    Less is better where the goal is less.
    """
    sign = 1 if goal > must else -1
    verdict = "goal reached" if sign * value >= sign * goal else "kept" if sign * value >= sign * must else "MISSED"
    line = f"{what}: {value:,.3g} {unit} (must {must:g}, goal {goal:g}): {verdict}"
    print(f"  {line}")
    _judged.append(line)


def summary() -> None:
    """All that was judged, and how much of it was missed."""
    print(f"\nAll that has a bound: {sum(line.endswith('MISSED') for line in _judged)} of {len(_judged)} missed")
    for line in _judged:
        print(f"  {line}")
