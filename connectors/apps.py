"""What a definition may read."""

from __future__ import annotations

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """What a definition may read."""

    name = "connectors"
    label = "connectors"
