"""From a document in any of the accepted shapes to the canonical definition; never raises (LNG-05)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps_engine.language.jsontext import MAX_DEFINITION_BYTES, JsonTextError, dumps, loads
from apps_engine.language.migrate import CURRENT, migrate
from apps_engine.language.pointers import existing
from apps_engine.language.problems import Problem, has_errors
from apps_engine.language.sugar import SourceMap, desugar


@dataclass(frozen=True, slots=True)
class Parsed:
    """The canonical definition, or None when there is no reading the document, and what is wrong so far.

    `document` is what the author wrote, `places` where each part of the definition stands in it.
    """

    definition: dict[str, Any] | None
    problems: list[Problem]
    document: Any = None
    places: SourceMap = field(default_factory=SourceMap)

    def locate(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems of the canonical definition as problems of the author's own document.

        What is missing there is reported at what should hold it.
        """
        return [
            replace(problem, path=existing(self.document, self.places.locate(problem.path))) for problem in problems
        ]


def parse(source: bytes | str | Mapping[str, Any]) -> Parsed:
    """Read a document of at most 256 KiB, migrate it to the current schema version and normalise its sugar.

    Its shape is not judged here: `validate` reports that with everything else that is wrong.
    """
    try:
        document = loads(_text(source), max_bytes=MAX_DEFINITION_BYTES)
    except JsonTextError as error:
        return Parsed(None, [Problem("", error.code, error.message, error.hint)])
    if not isinstance(document, dict):
        return Parsed(None, [_not_an_object(document)], document)
    migrated, problems = migrate(document)
    if has_errors(problems):
        return Parsed(None, problems, document)
    definition, places = desugar({**migrated, "schema_version": CURRENT})
    return Parsed(definition, problems, document, places)


def _text(source: bytes | str | Mapping[str, Any]) -> bytes | str:
    """The JSON text of a document. One that comes as objects takes the same way, and so the same checks."""
    if isinstance(source, bytes | str):
        return source
    try:
        return dumps(source)
    except (TypeError, ValueError, RecursionError) as error:
        raise JsonTextError("not_json", f"The document is no JSON value: {error}.", "Send JSON only.") from error


def _not_an_object(document: object) -> Problem:
    return Problem(
        "",
        "not_an_object",
        f"A definition is a JSON object, this is a {type(document).__name__}.",
        'Begin with {"name": ...',
    )
