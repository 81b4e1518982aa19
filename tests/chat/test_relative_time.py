"""Instants as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat.relative_time import exact, short

LAST, FIRST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("instant", "zone"), [(LAST, "Pacific/Auckland"), (FIRST, "America/New_York")])
def test_an_instant_that_the_zone_has_in_no_year_is_said_in_utc(instant, zone):
    assert exact(instant, zone).endswith("(UTC)")
    assert short(instant, zone)


def test_an_instant_is_said_in_the_zone_of_the_community():
    assert exact(datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC), "Europe/Zurich") == (
        "Saturday 21 November 2026, 10:00:05 (Europe/Zurich)"
    )
