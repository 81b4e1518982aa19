"""Who does the work."""

from __future__ import annotations

from django.apps import AppConfig

from decommerce.celery import app as celery_app


class WorkersConfig(AppConfig):
    """Who does the work; in every process, so that each knows the queue."""

    name = "workers"
    label = "workers"

    def ready(self) -> None:
        # `current_app` is known per thread; only the default is known to threads that others start.
        celery_app.set_default()
