"""JSON columns that keep decimals exact, for money is never a float; one of them keeps the order of keys too."""

from __future__ import annotations

from typing import Any

from django.db import models

from apps_engine.language import jsontext
from apps_engine.language.jsontext import JSONDecoder, JSONEncoder


class ExactJSONField(models.JSONField):
    """jsonb in PostgreSQL, Decimal in Python for every number with a point."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("encoder", JSONEncoder)
        options.setdefault("decoder", JSONDecoder)
        super().__init__(*args, **options)


class OrderedJSONField(ExactJSONField):
    """text in PostgreSQL: what a person wrote comes back with its keys in their order.

    Nothing can be looked up inside of it; jsonb is for that. A column that was jsonb can become one while processes of
    the release before still read and write it, since PostgreSQL makes text of their jsonb.
    """

    def db_type(self, connection: Any) -> str:
        """The type of the column."""
        return "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """The JSON text of the value."""
        return None if value is None else jsontext.dumps(value)
