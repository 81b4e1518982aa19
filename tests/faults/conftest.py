"""A world for the short form of the fault suite, on the services that all tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.outcome import Outcome
from tests.faults.suite import run_test


@pytest.fixture
def outcome_of(service_environment, database, tmp_path) -> Callable[[str], Outcome]:
    """The outcome of the short form of a test."""
    environment = {**service_environment, "DATABASE_URL": database}
    return lambda name: run_test(name, environment, tmp_path, None, short=True)
