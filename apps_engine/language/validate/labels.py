"""What an app is called and what it says of itself, wherever people meet it in a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language.labels import unseen_character
from apps_engine.language.pointers import join
from apps_engine.language.validate.review import Review

_OF_THE_APP = ("name", "description", "icon")
_OF_AN_INPUT = ("title", "description")


def check_labels(review: Review) -> None:
    """Report characters in labels that nobody sees, and that make them look like something else."""
    for at, label in _labels(review.definition):
        character = unseen_character(label) if isinstance(label, str) else None
        if character is not None:
            message = f"There is a line break or a character that nobody sees in it: {character}."
            review.findings.add(at, "unseen_character", message)


def _labels(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _OF_THE_APP:
        yield join("", name), definition.get(name)
    tags = definition.get("tags")
    for index, tag in enumerate(tags if isinstance(tags, list) else ()):
        yield join("/tags", index), tag
    inputs = definition.get("inputs")
    properties = inputs.get("properties") if isinstance(inputs, Mapping) else None
    for name, schema in properties.items() if isinstance(properties, Mapping) else ():
        at = join("/inputs/properties", name)
        yield at, name
        for part in _OF_AN_INPUT if isinstance(schema, Mapping) else ():
            yield join(at, part), schema.get(part)
