"""Registers the test's actions in the processes that a test starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps_engine.registry import registry


class PluginsConfig(AppConfig):
    """Actions for tests."""

    name = "tests.scenarios.plugins"
    label = "scenario_plugins"

    def ready(self) -> None:
        # By name: actions read models, which exist only now.
        registry.add_actions(import_string("tests.scenarios.plugins.actions.ACTIONS"))
