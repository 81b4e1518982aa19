"""Answers kept by idempotency keys."""

from __future__ import annotations

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """Writes that are done once, however often they are asked for."""

    name = "decommerce.idempotency"
    label = "idempotency"
    verbose_name = "Idempotency keys"
