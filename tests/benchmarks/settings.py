"""The project's settings, with the raw Celery task that is the floor."""

from __future__ import annotations

from decommerce.settings import *  # noqa: F403

CELERY_IMPORTS = ["tests.benchmarks.floor"]
