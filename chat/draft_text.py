"""A definition as it is being written on a page: its problems with their lines, and what it would do and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps_engine.language import jsontext
from apps_engine.language.jsonwalk import offsets
from apps_engine.language.pointers import parent
from apps_engine.language.problems import Problem, Severity
from apps_engine.services.definitions import Source, check
from apps_engine.services.versions import compare
from chat.change_words import ChangeLine, lines_of
from chat.facts import facts_of
from chat.key_order import in_reading_order
from decommerce.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem and the line of the text where it lies, counted from 1."""

    problem: Problem
    line: int

    @property
    def is_error(self) -> bool:
        """Whether it keeps the definition from being saved."""
        return self.problem.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, what is wrong with it and, where nothing is, what it would do and what it changes."""

    text: str
    problems: Sequence[PlacedProblem]
    valid: bool
    facts: Sequence[Mapping[str, Any]] = ()
    gone: Sequence[str] = ()
    new: Sequence[str] = ()
    changes: Sequence[ChangeLine] = ()

    @property
    def errors(self) -> int:
        """How many problems keep it from being saved."""
        return sum(problem.is_error for problem in self.problems)


def draft_of(principal: Principal, text: str, current: dict[str, Any] | None) -> Draft:
    """The draft beside the definition that is in force, None for a new app."""
    checked = check(principal, text)
    problems = _placed(text, checked.problems)
    if not checked.valid or checked.definition is None or checked.report is None:
        return Draft(text, problems, False)
    facts = facts_of(checked.report, checked.definition)
    if current is None:
        return Draft(text, problems, True, facts)
    found = compare(current, checked.definition)
    return Draft(text, problems, True, facts, found.gone, found.new, lines_of(found.changes))


def text_of(definition: Mapping[str, Any]) -> str:
    """A definition as the editor shows it."""
    return jsontext.dumps(in_reading_order(definition), indent=2)


def source_of(text: str) -> Source:
    """The definition as its author wrote it; the text itself where it cannot be read, which saving refuses."""
    try:
        read = jsontext.loads(text)
    except jsontext.JsonTextError:
        return text
    return read if isinstance(read, dict) else text


def _placed(text: str, problems: Sequence[Problem]) -> list[PlacedProblem]:
    try:
        jsontext.loads(text)
    except jsontext.JsonTextError as broken:
        return [PlacedProblem(problem, broken.line or 1) for problem in problems]
    known = offsets(text)
    return [PlacedProblem(problem, _line(text, problem.path, known)) for problem in problems]


def _line(text: str, path: str, known: Mapping[str, int]) -> int:
    """The line of a path, or of the nearest thing around it that is there."""
    while path not in known:
        path = parent(path)
    return text.count("\n", 0, known[path]) + 1
