"""Instants as parameters, read as the language reads them: ISO 8601, in UTC where no offset is written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from apps_engine.language.instants import instant_or_none


def _instant(value: Any) -> datetime:
    found = instant_or_none(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a date or time as 2026-11-21 or 2026-11-21T09:00:00Z")
    return found


Moment = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string"})]
