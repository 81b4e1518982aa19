"""The words that payload schemas are written in.

Every record is closed and complete: a field is there or does not exist, so a definition that names one can be checked
before it ever runs.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

ID: Schema = {"type": "integer"}
OPTIONAL_ID: Schema = {"type": ["integer", "null"]}
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
OPTIONAL_COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}
MONEY: Schema = {"type": "number"}
OPTIONAL_MONEY: Schema = {"type": ["number", "null"]}
BOOLEAN: Schema = {"type": "boolean"}
TEXT: Schema = {"type": "string"}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
INSTANT: Schema = {"type": "string", "format": "date-time"}
OPTIONAL_INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}
WORDS: Schema = {"type": "array", "items": TEXT}


def record(**fields: Schema) -> Schema:
    """An object with exactly these fields."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def records(item: Schema) -> Schema:
    """A list of such objects."""
    return {"type": "array", "items": item}


def optional(item: Schema) -> Schema:
    """Such an object, or null."""
    return {**item, "type": ["object", "null"]}


def one_of(*words: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(words)}
