"""Bringing a definition up to date: the current schema version, and what replaces deprecated features (APP-10)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from apps_engine.language.deprecations import Deprecations, Use, uses
from apps_engine.language.differences import Difference, differences
from apps_engine.language.migrate import CURRENT, migrate
from apps_engine.language.pointers import parent
from apps_engine.language.problems import Problem, has_errors


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An upgraded definition and what changed in it.

    `left` are the uses of deprecated features that nothing replaces: their author has to. `problems` say why there is
    no upgrade at all.
    """

    definition: dict[str, Any]
    changes: tuple[Difference, ...]
    left: tuple[Use, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether anything would change."""
        return bool(self.changes)


def upgrade(definition: Mapping[str, Any], deprecations: Deprecations) -> Upgrade:
    """The upgrade of a stored definition, canonical in this schema version or the one before; it is not changed."""
    before = dict(definition)
    migrated, problems = migrate(before)
    if has_errors(problems):
        return Upgrade(before, (), problems=tuple(problems))
    after = {**deepcopy(migrated), "schema_version": CURRENT}
    left = []
    for use in uses(after, deprecations):
        if use.deprecation.replacement is None:
            left.append(use)
        else:
            _put(after, use.path, use.deprecation.replacement)
    return Upgrade(after, tuple(differences(before, after)), tuple(left))


def _put(document: dict[str, Any], path: str, value: str) -> None:
    """Put a value at a place that is there."""
    holder: Any = document
    for part in parent(path).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        holder = holder[int(key)] if isinstance(holder, list) else holder[key]
    holder[path.rpartition("/")[2]] = value
