"""Timing and printing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 5


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


def judged(title: str, times: Mapping[str, float], *, must: float, goal: float) -> None:
    """How many times faster `ours` is than the `floor`, beside what it must be and what is wanted."""
    ratio = times["floor"] / times["ours"]
    verdict = "goal reached" if ratio >= goal else "kept" if ratio >= must else "MISSED"
    print(f"\n{title}")
    for name, time_taken in times.items():
        print(f"  {name:<58}{time_taken * 1e6:>12,.1f} us")
    print(f"  {ratio:.2f} x the floor (must {must:g} x, goal {goal:g} x): {verdict}")
