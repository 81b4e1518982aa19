"""What a definition may do."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps_engine.registry import registry


class ActionsConfig(AppConfig):
    """Registers every action."""

    name = "actions"
    label = "actions"

    def ready(self) -> None:
        # By name: actions read models, which exist only now.
        registry.add_actions(import_string("actions.table.ACTIONS"))
