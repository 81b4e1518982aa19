"""Apps over REST and from the shell."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Apps over REST and from the shell."""

    name = "apps_engine.api"
    label = "api"
