"""What operators see of the running system."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Has no tables of its own."""

    name = "decommerce.operations"
    label = "operations"
