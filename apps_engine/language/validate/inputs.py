"""The inputs of an app: a schema that somebody wrote, and defaults that have to fit it (TRG-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from apps_engine.language.inputs import DIALECT, FORMATS, inputs_validator, references
from apps_engine.language.jsontext import dumps
from apps_engine.language.pointers import join
from apps_engine.language.validate.findings import Findings

_HINT = 'Write {"type": "object", "properties": {"days": {"type": "integer", "default": 7}}}.'
_FORMATS = f"Possible here: {', '.join(FORMATS)}. Or leave it out and say in `description` what is meant."


def check_inputs(inputs: Any, findings: Findings) -> None:
    """Report what is no schema of an object, and defaults that do not fit."""
    if not isinstance(inputs, dict):
        return
    if inputs.get("type", "object") != "object":
        findings.add("/inputs/type", "bad_inputs", "The inputs are no object.", _HINT)
    elif not {"type", "properties"} & inputs.keys() and any(isinstance(part, dict) for part in inputs.values()):
        # Inputs by name, as one would write them at first; as a schema their names are keywords that check nothing.
        findings.add("/inputs", "bad_inputs", "The inputs name no `properties`.", _HINT)
    named = list(references(inputs, "/inputs"))
    for place, text in named:
        alone = f"Write the schema out, in the dialect {DIALECT}."
        findings.add(place, "bad_inputs", f"A schema of inputs does not refer to another: {text[:80]}.", alone)
    if not named:
        _check_schema(inputs, findings)


def _check_schema(inputs: dict[str, Any], findings: Findings) -> None:
    try:
        inputs_validator(inputs, any_format=False)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        if isinstance(error, jsonschema_rs.ValidationError) and str(error.message).startswith("Unknown format"):
            message = f"Nobody knows the format {dumps(error.instance)[:80]}, so nothing would be checked."
            findings.add(join("/inputs", *error.instance_path), "bad_inputs", message, _FORMATS)
            return
        why = str(error).partition("\n")[0][:200]
        where = error.instance_path if isinstance(error, jsonschema_rs.ValidationError) else ()
        findings.add(join("/inputs", *where), "bad_inputs", f"The inputs are no JSON Schema: {why}.", _HINT)
    else:
        _check_defaults(inputs.get("properties"), findings)


def _check_defaults(properties: Any, findings: Findings) -> None:
    for name, schema in properties.items() if isinstance(properties, dict) else ():
        if (
            isinstance(schema, Mapping)
            and "default" in schema
            and not inputs_validator(schema).is_valid(schema["default"])
        ):
            where = join("/inputs/properties", name, "default")
            findings.add(where, "bad_default", f"The default of `{name}` does not fit it.", "Correct one of them.")
