"""The one door for outgoing HTTP."""

from __future__ import annotations

import logging

from django.apps import AppConfig


class OutgoingConfig(AppConfig):
    """The one door for outgoing HTTP."""

    name = "decommerce.outgoing"
    label = "outgoing"
    verbose_name = "Outgoing HTTP"

    def ready(self) -> None:
        """urllib3 logs whole URLs, and the secrets in them, at every level below ERROR."""
        logging.getLogger("urllib3").setLevel(logging.ERROR)
