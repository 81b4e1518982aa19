"""The JSON Schema validator of definitions: linear in what it judges, patterns included (SEC-03)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from apps_engine.language.authoring import TEMPLATE
from apps_engine.language.jsontext import dumps

_LINEAR = jsonschema_rs.RegexOptions()


class Validator:
    """One schema of ours, compiled: what it refuses comes with the schema that refused it."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema: Mapping[str, Any] = {"$defs": {"template": TEMPLATE}, **schema}
        self._compiled = jsonschema_rs.Draft202012Validator(
            dumps(self.schema), pattern_options=_LINEAR, validate_formats=True
        )

    def accepts(self, value: Any) -> bool:
        """Whether a JSON value fits."""
        return self._compiled.is_valid(value)

    def errors(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """Every way in which a JSON value does not fit."""
        return self._compiled.iter_errors(value)

    def holder(self, path: Sequence[str | int]) -> Mapping[str, Any]:
        """The schema that holds the keyword at a path of this one."""
        found: Any = self.schema
        for step in path[:-1]:
            found = found[step]
        return found if isinstance(found, Mapping) else {}
