"""A JSON column that keeps decimals exact: money is never a float."""

from __future__ import annotations

from typing import Any

from django.db import models

from apps_engine.language.jsontext import JSONDecoder, JSONEncoder


class ExactJSONField(models.JSONField):
    """jsonb in PostgreSQL, Decimal in Python for every number with a point."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("encoder", JSONEncoder)
        options.setdefault("decoder", JSONDecoder)
        super().__init__(*args, **options)
