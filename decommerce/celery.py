"""The Celery application. A message is a hint; PostgreSQL is the record of work."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

from decommerce.console import outlive_full_disk

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decommerce.settings")
# Django's checks import every page. `manage.py setup_database` makes them, so a worker starts in half the time.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


class Programs(Celery):
    """Celery whose worker and beat begin even where their banner cannot be printed.

    What they tell of themselves is bounded in time (`workers.monitoring`).
    """

    events_cls = "workers.monitoring:Events"

    @property
    def Worker(self) -> Any:  # noqa: N802 - the name that the command line asks for
        """The worker as a program."""
        outlive_full_disk()
        return super().Worker

    @property
    def Beat(self) -> Any:  # noqa: N802 - the name that the command line asks for
        """Beat as a program."""
        outlive_full_disk()
        return super().Beat


app = Programs("decommerce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workers"])
