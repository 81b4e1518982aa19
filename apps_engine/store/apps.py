"""What the engine keeps."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps_engine.registry import registry


class StoreConfig(AppConfig):
    """Apps, versions, runs, journal, effects, events and schedules."""

    name = "apps_engine.store"
    label = "engine"

    def ready(self) -> None:
        # By name: the catalogue reads models, which exist only now.
        registry.add_events(import_string("apps_engine.store.events.EVENTS"))
