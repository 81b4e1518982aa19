"""Who does the work."""

from __future__ import annotations

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    """Who does the work."""

    name = "workers"
    label = "workers"
