"""Notifications on members' devices."""

from __future__ import annotations

from django.apps import AppConfig


class PushConfig(AppConfig):
    """Web Push."""

    name = "decommerce.push"
    label = "push"
    verbose_name = "Push"
