"""What a catalogue says to validation, worked out once: the schema of whole definitions and the parameters' types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from apps_engine.language.authoring import authoring_schema, inlined
from apps_engine.language.catalogue import ActionSpec, Catalogue, ConnectorSpec, EventSpec
from apps_engine.language.schema import definition_schema
from apps_engine.language.schema_types import of_schema
from apps_engine.language.static_types import Type, of_fields
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.validate.validator import Validator

Schema = Mapping[str, Any]


class Parameters:
    """The parameters of an action or a transform: how an author writes them, and the schema of each once rendered."""

    def __init__(self, schema: Schema) -> None:
        self.written = Validator(authoring_schema(schema))
        self.rendered: Mapping[str, Schema] = inlined(schema).get("properties", {})


class Vocabulary:
    """Everything that the checks derive from a catalogue and that no definition changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._actions: dict[str, Parameters] = {}
        self._rows: dict[str, Type] = {}
        self._payloads: dict[str, Type] = {}

    @cached_property
    def definition(self) -> Validator:
        """The published schema: what it accepts has no fault of shape."""
        return Validator(definition_schema(self.catalogue))

    def parameters(self, spec: ActionSpec) -> Parameters:
        """The parameters of an action of the catalogue."""
        known = self._actions.get(spec.name)
        if known is None:
            known = self._actions[spec.name] = Parameters(spec.params)
        return known

    def row(self, connector: ConnectorSpec) -> Type:
        """A row of a connector, with all of its fields."""
        known = self._rows.get(connector.name)
        if known is None:
            known = self._rows[connector.name] = of_fields(connector.fields, noun=connector.noun)
        return known

    def payload(self, event: EventSpec) -> Type:
        """What a platform event hands over."""
        known = self._payloads.get(event.name)
        if known is None:
            known = self._payloads[event.name] = of_schema(event.payload, event.untrusted)
        return known


@lru_cache(maxsize=8)
def vocabulary_of(catalogue: Catalogue) -> Vocabulary:
    """The vocabulary of a catalogue; the one of a process never changes."""
    return Vocabulary(catalogue)


TRANSFORM_PARAMETERS: Mapping[str, Parameters] = {name: Parameters(spec.params) for name, spec in TRANSFORMS.items()}
