"""The pages of whoever runs the platform."""

from __future__ import annotations

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    """Has no tables of its own."""

    name = "decommerce.operators"
    label = "operators"
