"""The platform's own domain."""

from __future__ import annotations

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """The platform's own domain."""

    name = "decommerce.community"
    label = "community"
