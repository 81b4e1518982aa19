"""Renaming keys: most sugar is another name for the same thing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from apps_engine.language.sugar.source import Node, Source

PARAMETERS = ("params", "parameters")
STEP_NAMES = {"condition": "when", "if": "when", "output": "id"}
STEP_KEYS = frozenset({"id", "when", "on_error", "retry", "once_per"})


def renamed(members: Mapping[str, Source], names: Mapping[str, str], without: Collection[str] = ()) -> dict[str, Node]:
    """Members under their canonical names, in the author's order.

    A sugared name beside its canonical one is left as it stands, so that the shape check reports the contradiction.
    """
    result: dict[str, Node] = {}
    for key, value in members.items():
        canonical = names.get(key, key)
        if key not in without:
            result[key if canonical in members or canonical in result else canonical] = value
    return result


def split(members: Mapping[str, Node], keys: Collection[str]) -> tuple[dict[str, Node], dict[str, Node]]:
    """The members with these keys, and the others."""
    inside = {key: value for key, value in members.items() if key in keys}
    return inside, {key: value for key, value in members.items() if key not in keys}


def first_of(source: Source, *keys: str) -> Source | None:
    """The first of these members that the object has."""
    return next((source[key] for key in keys if key in source), None)


def flattened(source: Source, *keys: str) -> dict[str, Source]:
    """The members of an object with those of its first member of these names that is an object in between."""
    nested = first_of(source, *keys)
    if nested is None or not nested.is_object:
        return source.members()
    beside = {key: value for key, value in source.members().items() if value != nested}
    return {**beside, **nested.members()}
