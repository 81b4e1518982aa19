"""Real services for every test: PostgreSQL and Valkey by the project's own starter (see `tests.environment`).

Each test process works in a copy of one migrated database, signed in as the runtime's role. Tests commit for real, and
each makes tenants of its own: row level security keeps tests apart, as it keeps customers apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.client import ClientHandler

from tests.databases import copy_template, drop_database, make_template
from tests.environment import DATABASE, REPOSITORY, services

TESTS = Path(__file__).parent
_load_middleware = ClientHandler.load_middleware
# Whole systems are started, killed and waited for here.
LONG = {"contract", "deploy", "evaluation", "faults", "pages", "scenarios"}

pytest_plugins = ["tests.fixtures", "tests.imported", "tests.starters.report"]


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
        connections.close_all()
    drop_database(services, DATABASE)


@cache
def _loaded() -> dict[str, Any]:
    handler = ClientHandler()
    _load_middleware(handler)
    return {name: value for name, value in vars(handler).items() if name != "enforce_csrf_checks"}


@pytest.fixture(scope="session", autouse=True)
def one_chain_of_middleware() -> Iterator[None]:
    """All clients of a process share it: for another one, WhiteNoise would look through all static files again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", lambda handler: vars(handler).update(_loaded()))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take the longest, so that at the end no process is left with one while others wait."""
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in LONG)
