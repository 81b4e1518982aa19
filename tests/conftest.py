"""Real services for every test: PostgreSQL and Valkey by the project's own starter.

Each test process works in a copy of one migrated database, signed in as the runtime's role. Tests commit for real, and
each makes tenants of its own: row level security keeps tests apart, as it keeps customers apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import django
import django.db
import pytest

from tests.databases import copy_template, drop_database, make_template, shared_services

REPOSITORY = Path(__file__).resolve().parent.parent
DATABASE = f"test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

# Settings are read when Django is set up, before any fixture and before test modules are imported.
_sharing = shared_services(REPOSITORY)
services = _sharing.__enter__()
os.environ.update(services.environment(DATABASE))
django.setup()

pytest_plugins = ["tests.fixtures"]


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last run to end stops the services."""
    _sharing.__exit__(None, None, None)


@pytest.fixture(scope="session")
def service_environment() -> dict[str, str]:
    """The environment for a process of the project that a test starts."""
    return {**os.environ, **services.environment(DATABASE)}


@pytest.fixture(scope="session", autouse=True)
def database(django_db_blocker) -> Iterator[str]:
    """The owner's address of this process's own database."""
    copy_template(services, make_template(services, REPOSITORY), DATABASE)
    with django_db_blocker.unblock():
        yield services.database_url(DATABASE)
        django.db.connections.close_all()
    drop_database(services, DATABASE)
