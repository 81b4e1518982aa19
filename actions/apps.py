"""What a definition may do."""

from __future__ import annotations

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """What a definition may do."""

    name = "actions"
    label = "actions"
