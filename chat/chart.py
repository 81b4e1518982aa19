"""Charts of days as shapes that a template draws as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps_engine.services.overview import Day

HEIGHT = 120
WIDTH = 40
GAP = 10
SPARK_HEIGHT = 20
SPARK_WIDTH = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where its bar stands, how high its runs are and, from the ground, those that failed."""

    day: Day
    x: float
    y: float
    width: float
    height: float
    failed_y: float
    failed_height: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and over them the line of the medians as the points of a polyline."""

    bars: Sequence[Bar]
    width: float
    height: float
    most: int
    longest: float
    line: str


def chart_of(days: Sequence[Day]) -> Chart:
    """A bar a day, and how long runs took."""
    most = max((day.runs for day in days), default=0)
    longest = max((day.median or 0 for day in days), default=0)
    step = WIDTH + GAP
    bars = [_bar(day, index * step, WIDTH, HEIGHT, most) for index, day in enumerate(days)]
    points = [
        f"{index * step + WIDTH / 2:g},{HEIGHT - (HEIGHT - 8) * day.median / longest:.1f}"
        for index, day in enumerate(days)
        if day.median is not None and longest
    ]
    return Chart(bars, len(days) * step - GAP, HEIGHT, most, longest, " ".join(points) if len(points) > 1 else "")


def sparkline_of(days: Sequence[Day]) -> Chart:
    """The same, small and without a line."""
    most = max((day.runs for day in days), default=0)
    step = SPARK_WIDTH + 2
    bars = [_bar(day, index * step, SPARK_WIDTH, SPARK_HEIGHT, most) for index, day in enumerate(days)]
    return Chart(bars, len(days) * step - 2, SPARK_HEIGHT, most, 0, "")


def _bar(day: Day, x: float, width: float, height: float, most: int) -> Bar:
    tall = round(height * day.runs / most, 1) if most else 0
    # One that failed is seen among thousands that did not.
    failed = min(tall, max(2.0, round(height * day.failed / most, 1))) if day.failed else 0
    return Bar(day, x, height - tall, width, tall, height - failed, failed, f"{day.day.day} {day.day:%b}")
