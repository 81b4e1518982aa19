"""The environment of a test run, set before anything reads Django's settings.

Loaded as a plugin (`-p tests.environment`) ahead of pytest-django: a shell that has sourced the environment of a
running system must not let the tests loose on its database.
"""

from __future__ import annotations

import os
from pathlib import Path

import django

from tests.databases import shared_services

REPOSITORY = Path(__file__).resolve().parent.parent
DATABASE = f"test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

sharing = shared_services(REPOSITORY)
services = sharing.__enter__()
os.environ.update(services.environment(DATABASE))
try:
    django.setup()
except BaseException:
    # Nobody calls the hook below of a plugin that did not load.
    sharing.__exit__(None, None, None)
    raise


def pytest_unconfigure() -> None:
    """The last run to end stops the services."""
    sharing.__exit__(None, None, None)
