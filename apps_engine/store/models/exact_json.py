"""JSON columns that keep decimals exact, for money is never a float; one of them keeps the order of keys too."""

from __future__ import annotations

from typing import Any

from django.db import models
from psycopg.types.json import Json

from apps_engine.language import jsontext
from apps_engine.language.jsontext import JSONDecoder, JSONEncoder


class ExactJSONField(models.JSONField):
    """jsonb in PostgreSQL, Decimal in Python for every number with a point."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("encoder", JSONEncoder)
        options.setdefault("decoder", JSONDecoder)
        super().__init__(*args, **options)


class OrderedJSONField(ExactJSONField):
    """json in PostgreSQL, which keeps the text: what a person wrote comes back with its keys in their order.

    Nothing can be looked up inside of it, and it is never equal to anything: jsonb is for that.
    """

    def db_type(self, connection: Any) -> str:
        """The type of the column."""
        return "json"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """As text, which the decoder reads: the driver would read the numbers of a json as floats."""
        return f"{sql}::text", params

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """The value as json, not jsonb."""
        return None if value is None else Json(value, dumps=jsontext.dumps)
