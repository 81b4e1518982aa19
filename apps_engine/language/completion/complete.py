"""The options at a position of a definition's text, from all who know of some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.completion.expression import expression_options, placeholder_before
from apps_engine.language.completion.names import name_options
from apps_engine.language.completion.option import Completion, Option
from apps_engine.language.completion.scene import Scene, scene_at
from apps_engine.language.completion.schema import schema_options
from apps_engine.language.jsonwalk import Place, place_at
from apps_engine.language.tokens import CLOSE, OPEN
from apps_engine.language.validate.vocabulary import vocabulary_of

MOST: Final = 60


def complete(text: str, position: int, catalogue: Catalogue) -> Completion:
    """The options at a position of the text, which may be unfinished; those that begin as what is written go first."""
    place = place_at(text, position)
    if not place.holders:
        return Completion(position, position, (Option("{ }", "{}", "A definition is one object."),))
    scene = scene_at(text, place, catalogue)
    inside = placeholder_before(text[place.start : position], scene)
    if inside is not None:
        found = expression_options(inside, scene)
        # What follows belongs to the name only where the placeholder is closed behind it.
        behind = text[position:].partition("\n")[0]
        end = position + _word(behind) if CLOSE in behind.partition(OPEN)[0].partition('"')[0] else position
        return Completion(position - len(found.written), end, _fitting(found.options, found.written))
    written = text[place.start : position].strip('"')
    return Completion(place.start, place.end, _fitting(_around(place, scene, written), written))


def _around(place: Place, scene: Scene, written: str) -> Iterator[Option]:
    yield from name_options(scene)
    yield from schema_options(vocabulary_of(scene.catalogue).definition.schema, place, written)


def _fitting(options: Iterable[Option], written: str) -> tuple[Option, ...]:
    """Those that hold what is written, the ones that begin with it first, each once."""
    wanted = written.lower()
    fitting: dict[str, Option] = {}
    for option in options:
        if wanted in option.label.lower():
            fitting.setdefault(option.label, option)
    ordered = sorted(fitting.values(), key=lambda option: not option.label.lower().startswith(wanted))
    return tuple(ordered[:MOST])


def _word(text: str) -> int:
    """How many characters of a name the text begins with."""
    return next((count for count, char in enumerate(text) if not (char.isalnum() or char == "_")), len(text))
