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


@dataclass(frozen=True, slots=True)
class Rename:
    """A step type that has another name since a schema version."""

    step_type: str
    replacement: str
    since: str


RENAMES = (Rename("gmail_query", replacement="gmail_search", since="1.1"),)

_TYPE_KEYS = ("type", "action", "act")
_STEP_LISTS = ("pipeline", "actions", "operations", "steps", "then", "else", "branch", "arms", "loop", "for_each")


def migrate(document: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The document in the current schema version, and what to tell its author. The given document is not changed."""
    version = document.get("schema_version", OLDEST)
    if version not in (CURRENT, *(migration.before for migration in MIGRATIONS)):
        return document, [_unsupported(version)]
    problems = [_renamed(*use) for use in _renamed_uses(document)]
    migrated = deepcopy(document)
    for migration in MIGRATIONS:
        if migrated.get("schema_version", OLDEST) == migration.before:
            migration.apply(migrated)
            migrated["schema_version"] = migration.after
    return migrated, problems


def migrate_1_0_to_1_1(document: dict[str, Any]) -> None:
    """1.1 renames the operation gmail_query."""
    for step, key, rename, _ in list(_uses(document)):
        step[key] = rename.replacement


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the chain."""

    before: str
    after: str
    apply: Callable[[dict[str, Any]], None]


MIGRATIONS = (Migration("1.0", "1.1", migrate_1_0_to_1_1),)


def _renamed_uses(document: dict[str, Any]) -> Iterator[tuple[str, Rename]]:
    return ((pointer, rename) for _, _, rename, pointer in _uses(document))


def _uses(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, Rename, str]]:
    """Each step of a type that was renamed: the step, the key of its type, the rename and the pointer of the type."""
    by_type = {rename.step_type: rename for rename in RENAMES}
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


def _renamed(pointer: str, rename: Rename) -> Problem:
    return Problem(
        pointer,
        "deprecated",
        f"`{rename.step_type}` is deprecated since schema version {rename.since}.",
        f"Use `{rename.replacement}`; it has been put in its place.",
        Severity.WARNING,
    )
