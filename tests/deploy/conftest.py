"""Services and folders that end with the test, whatever happens in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.services import purge, start_services


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder for services of this test's own."""
    yield tmp_path / "services"
    purge(tmp_path / "services")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of running services, for the tests that only look."""
    root = tmp_path_factory.mktemp("running") / "services"
    start_services(root, durable=False)
    yield root
    purge(root)
