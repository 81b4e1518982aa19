"""Every starter there is: the JSON files beside this module, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from apps_engine.language.jsontext import MAX_DEFINITION_BYTES, loads
from apps_engine.starters.starter import CATEGORIES, Starter

FOLDER = Path(__file__).resolve().parent


class StarterFileError(ValueError):
    """A file does not hold what a starter's file holds."""


def read(path: Path) -> Starter:
    """The starter of a file; raises StarterFileError naming the file, JsonTextError or pydantic's ValidationError."""
    starter = Starter.model_validate(loads(path.read_bytes(), max_bytes=MAX_DEFINITION_BYTES))
    if starter.slug != path.stem:
        raise StarterFileError(f"{path.name} holds the starter {starter.slug!r}; name it after its file.")
    return starter


def _shelf() -> Iterator[tuple[str, Starter]]:
    order = list(CATEGORIES)
    starters = [read(path) for path in FOLDER.glob("*.json")]
    for starter in sorted(starters, key=lambda starter: (order.index(starter.category), starter.name)):
        yield starter.slug, starter


# By slug, in the order of the categories and then of the names.
STARTERS: Mapping[str, Starter] = dict(_shelf())
