"""What surrounds a position of an unfinished definition: the step it lies in, and the names that can be read there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.jsonwalk import Place, loosely
from apps_engine.language.limits import STEP_KINDS
from apps_engine.language.migrate import CURRENT
from apps_engine.language.parse import Parsed, parse
from apps_engine.language.pointers import join
from apps_engine.language.validate.flows import Starts, flow_starts, settled, walk_flow
from apps_engine.language.validate.review import Review, Walk
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.triggers import trigger_scope, trigger_type
from apps_engine.language.validate.vocabulary import vocabulary_of

Path = tuple[str | int, ...]

# What binds the name of a step's result, in every shape: it is bound only once the step is over.
_BINDING = ("id", "output")
# What is read when the steps beside it are over.
_AFTER = ("response", "until")
_NOTHING: Mapping[str, Any] = {"pause": {}}


@dataclass(frozen=True, slots=True)
class Scene:
    """A position: its path in the text, the step or trigger around it, and what is read there.

    `at_key` says that a key is to come and not a value; `path` then ends with what holds it. `rest` is the path below
    the innermost `holder`, which is a step, a trigger, or the document where there is none of these.
    """

    catalogue: Catalogue
    document: Mapping[str, Any]
    holder: Mapping[str, Any]
    path: Path
    rest: Path
    at_key: bool
    reader: Reader | None


def scene_at(text: str, place: Place, catalogue: Catalogue) -> Scene:
    """The surroundings of a place of a text. Never raises: what cannot be understood is not known."""
    document = loosely(text)
    path: Path = tuple(key for key in place.keys if key is not None)
    at_key = place.keys[-1] is None
    if not isinstance(document, dict):
        return Scene(catalogue, {}, {}, path, path, at_key, None)
    holder, rest = _holder(document, path)
    reader = _reader(_up_to(document, path), path, catalogue) if "triggers" not in path[:1] else None
    if reader is None:
        reader = _trigger_reader(document, holder, catalogue)
    return Scene(catalogue, document, holder, path, rest, at_key, reader)


def _holder(document: Mapping[str, Any], path: Path) -> tuple[Mapping[str, Any], Path]:
    """The innermost step or trigger on the path, and the path below it."""
    found, rest, value = document, path, document
    for depth, part in enumerate(path):
        value = _inside(value, part)
        if isinstance(value, dict) and isinstance(part, int) and path[depth - 1] in ("steps", "triggers", "sequence"):
            found, rest = value, path[depth + 1 :]
    return found, rest


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _up_to(value: Any, path: Path, *, steps: bool = False) -> Any:
    """The document without what comes after the position in the lists around it, whose names are not there yet."""
    if not path:
        return value
    part, below = path[0], path[1:]
    if isinstance(value, list) and isinstance(part, int):
        return [*value[:part], *(_unbound(_up_to(item, below), steps) for item in value[part : part + 1])]
    if not isinstance(value, dict) or part not in value:
        return value
    reached = {**value, part: _up_to(value[part], below, steps=part == "steps")}
    after = reached.get("steps") if part in _AFTER else None
    return {**reached, "steps": [*after, _NOTHING]} if isinstance(after, list) else reached


def _unbound(item: Any, is_step: bool) -> Any:
    """An item that binds no name; a step is one even as long as nothing tells its kind."""
    if not isinstance(item, dict):
        return item
    kept = {key: part for key, part in item.items() if key not in _BINDING}
    return {**kept, **_NOTHING} if is_step and not any(kind in kept for kind in STEP_KINDS) else kept


def _reader(document: Mapping[str, Any], path: Path, catalogue: Catalogue) -> Reader | None:
    """What reads templates at the position; None outside of flows."""
    parsed = parse({**document, "schema_version": CURRENT})
    if not isinstance(parsed.definition, dict):
        return None
    walks: dict[str, Walk] = {}

    def work(review: Review) -> None:
        starts = flow_starts(review)
        for name, flow, at in review.flows():
            walks[at] = walk_flow(flow, at, starts.get(name, Starts()), review)

    settled(Review.of(parsed.definition, vocabulary_of(catalogue), shaped=False), work)
    return _nearest(walks.values(), _wanted(path), parsed)


def _wanted(path: Path) -> str:
    """The pointer of the position; behind the steps that `_up_to` ended with one that does nothing."""
    for depth, part in enumerate(path):
        if part in _AFTER:
            return join("", *path[:depth], "steps")
    return join("", *path)


def _nearest(walks: Iterable[Walk], wanted: str, parsed: Parsed) -> Reader | None:
    """The reader of the innermost step that the pointer lies in, or of the last one that lies in the pointer."""
    best: tuple[int, Reader] | None = None
    for walk in walks:
        for at, place in walk.places.items():
            written = parsed.places.locate(at)
            near = wanted == written or wanted.startswith(f"{written}/") or written.rpartition("/")[0] == wanted
            if near and (best is None or len(written) >= best[0]):
                best = (len(written), place.reader(walk))
    return None if best is None else best[1]


def _trigger_reader(document: Mapping[str, Any], trigger: Mapping[str, Any], catalogue: Catalogue) -> Reader | None:
    """What reads the templates of a trigger."""
    if "type" not in trigger:
        return None
    review = Review(document, vocabulary_of(catalogue))
    return review.reader(trigger_scope((trigger_type(trigger, review),), review))
