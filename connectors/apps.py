"""What a definition may read."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps_engine.registry import registry


class ConnectorsConfig(AppConfig):
    """Registers every connector."""

    name = "connectors"
    label = "connectors"

    def ready(self) -> None:
        # By name: connectors read models, which exist only now.
        registry.add_connectors(import_string("connectors.table.CONNECTORS"))
