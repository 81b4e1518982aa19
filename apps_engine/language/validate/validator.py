"""The JSON Schema validator of definitions: linear in what it judges (SEC-03)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from apps_engine.language.jsontext import dumps


def _unique_items(validator: Any, unique: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The library compares every item with every other when they cannot be sorted."""
    if (
        unique
        and isinstance(instance, list)
        and len({dumps(item, sort_keys=True) for item in instance}) < len(instance)
    ):
        yield ValidationError("items are not distinct")


_Linear = extend(Draft202012Validator, {"uniqueItems": _unique_items})


def validator_of(schema: Mapping[str, Any]) -> Draft202012Validator:
    """A validator for one schema of ours; what users write as schema goes to jsonschema-rs."""
    validator: Draft202012Validator = _Linear(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return validator
