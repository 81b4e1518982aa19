"""Amounts of money."""

from __future__ import annotations

from typing import Any

from django.db import models


class MoneyField(models.DecimalField):
    """An exact amount that keeps the digits it came with: 9.00 stays 9.00, and a dinar keeps its three places."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "max_digits": 30, "decimal_places": 10})

    def db_type(self, connection: Any) -> str:
        return "numeric"
