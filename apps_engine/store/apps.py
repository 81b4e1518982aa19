"""What the engine keeps."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Apps, versions, runs, journal, effects, events and schedules."""

    name = "apps_engine.store"
    label = "engine"
