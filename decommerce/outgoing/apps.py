"""The one door for outgoing HTTP."""

from __future__ import annotations

from django.apps import AppConfig


class OutgoingConfig(AppConfig):
    """The one door for outgoing HTTP."""

    name = "decommerce.outgoing"
    label = "outgoing"
