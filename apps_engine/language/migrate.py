"""Schema versions: the current one and the one before it are read, older shapes are migrated (APP-10).

A migration is a pure function over the document as its author wrote it and renames in place, so that every pointer into
the document stays right. A document without `schema_version` has the shapes that the specifications print: 1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem, Severity

CURRENT = "1.1"
OLDEST = "1.0"

# Weeks after the announcement: what happens to a deprecated feature (superpowers, section 8).
TIMELINE = {0: "announced", 4: "logged", 8: "shown to its owner", 12: "disabled unless switched on", 16: "removed"}


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A step type that goes away: `since` is the schema version that announced it."""

    step_type: str
    replacement: str
    since: str


DEPRECATIONS = (Deprecation("gmail_query", replacement="gmail_search", since="1.1"),)

_TYPE_KEYS = ("type", "action", "act")
_STEP_LISTS = ("pipeline", "actions", "operations", "steps", "then", "else", "branch", "arms", "loop", "for_each")


def stage(weeks: int) -> str:
    """What the timeline says about a feature so many weeks after its deprecation was announced."""
    return TIMELINE[max(week for week in TIMELINE if week <= max(weeks, 0))]


def migrate(document: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The document in the current schema version, and what to tell its author. The given document is not changed."""
    version = document.get("schema_version", OLDEST)
    if version not in (CURRENT, *(migration.before for migration in MIGRATIONS)):
        return document, [_unsupported(version)]
    problems = [_deprecated(*use) for use in _deprecated_uses(document)]
    migrated = deepcopy(document)
    for migration in MIGRATIONS:
        if migrated.get("schema_version", OLDEST) == migration.before:
            migration.apply(migrated)
            migrated["schema_version"] = migration.after
    return migrated, problems


def migrate_1_0_to_1_1(document: dict[str, Any]) -> None:
    """1.1 renames the operation gmail_query."""
    for step, key, deprecation, _ in list(_uses(document)):
        step[key] = deprecation.replacement


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the chain."""

    before: str
    after: str
    apply: Callable[[dict[str, Any]], None]


MIGRATIONS = (Migration("1.0", "1.1", migrate_1_0_to_1_1),)


def _deprecated_uses(document: dict[str, Any]) -> Iterator[tuple[str, Deprecation]]:
    return ((pointer, deprecation) for _, _, deprecation, pointer in _uses(document))


def _uses(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, Deprecation, str]]:
    """Each step of a deprecated type: the step, the key of its type, the deprecation and the pointer of the type."""
    by_type = {deprecation.step_type: deprecation for deprecation in DEPRECATIONS}
    for step, pointer in _steps(document, ""):
        for key in _TYPE_KEYS:
            kind = step.get(key)
            if isinstance(kind, str) and kind in by_type:
                yield step, key, by_type[kind], join(pointer, key)


def _steps(holder: dict[str, Any], pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every object below that can be a step or holds steps."""
    yield holder, pointer
    named = holder.get("flows") if isinstance(holder.get("flows"), dict) else {}
    for name, flow in (named or {}).items():
        yield from _below(flow, join(pointer, "flows", name))
    for key in _STEP_LISTS:
        yield from _below(holder.get(key), join(pointer, key))


def _below(value: Any, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, dict):
        yield from _steps(value, pointer)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _below(item, join(pointer, index))


def _unsupported(version: object) -> Problem:
    return Problem(
        "/schema_version",
        "unsupported_schema_version",
        f"Schema version {str(version)[:20]!r} cannot be read.",
        f"Write {CURRENT!r}, or {OLDEST!r} for a document of the version before.",
    )


def _deprecated(pointer: str, deprecation: Deprecation) -> Problem:
    return Problem(
        pointer,
        "deprecated",
        f"`{deprecation.step_type}` is deprecated since schema version {deprecation.since}.",
        f"Use `{deprecation.replacement}`; it has been put in its place.",
        Severity.WARNING,
    )
