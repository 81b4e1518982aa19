"""What the engine keeps."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """What the engine keeps."""

    name = "apps_engine.store"
    label = "engine"
