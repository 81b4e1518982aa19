"""What is on its way out: connectors, transforms and actions, through sixteen weeks (APP-10; superpowers, section 8).

From its announcement on, a feature is a suggestion to its authors; from week 4 a warning, and a line in the log when a
run uses it; from week 8 its owners are told; from week 12 it is off unless a setting keeps it on; from week 16 it is
gone. An app that still uses what is gone stays installed: that step fails and says so, and the others run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Any, Final

from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem, Severity

# The key of a step that names what it uses.
_NAMED_BY: Final = ("fetch", "transform", "act")


class Stage(IntEnum):
    """How far a deprecation is, in weeks after its announcement."""

    ANNOUNCED = 0
    LOGGED = 4
    SHOWN = 8
    DISABLED = 12
    REMOVED = 16


# The weeks in which the owners of an app are told.
TOLD_IN_WEEKS: Final = (8, 12, 15)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A feature that goes away. `replacement` does the same under another name, so that an upgrade can put it there."""

    feature: str
    announced: date
    replacement: str | None = None

    def weeks(self, today: date) -> int:
        """Whole weeks since the announcement; below zero before it."""
        return (today - self.announced).days // 7

    def stage(self, today: date) -> Stage | None:
        """Where it stands; None before the announcement."""
        return max((stage for stage in Stage if stage <= self.weeks(today)), default=None)

    def reaches(self, stage: Stage) -> date:
        """The day on which it comes to that stage."""
        return self.announced + timedelta(weeks=stage)


Deprecations = Mapping[str, Deprecation]

# What is on its way out now. A test of the timeline brings its own.
DEPRECATIONS: Final[tuple[Deprecation, ...]] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """A step that uses a deprecated feature, and where its name stands."""

    deprecation: Deprecation
    path: str


def uses(definition: Mapping[str, Any], deprecations: Deprecations) -> list[Use]:
    """Every use in a canonical definition, in order."""
    if not deprecations:
        return []
    flows = definition.get("flows")
    found: list[Use] = []
    for name, flow in flows.items() if isinstance(flows, dict) else ():
        steps = flow.get("steps") if isinstance(flow, dict) else None
        for step, path in _steps(steps, join("/flows", name, "steps")):
            for key in _NAMED_BY:
                feature = step.get(key)
                if isinstance(feature, str) and feature in deprecations:
                    found.append(Use(deprecations[feature], join(path, key)))
    return found


def gone(deprecations: Deprecations, today: date, *, kept: bool) -> frozenset[str]:
    """The features that no run may use any more; `kept` keeps on what is off but not removed."""
    last = Stage.REMOVED if kept else Stage.DISABLED
    return frozenset(name for name, known in deprecations.items() if known.weeks(today) >= last)


def deprecation_problems(
    definition: Mapping[str, Any], deprecations: Deprecations, today: date, *, kept: bool
) -> list[Problem]:
    """What to tell the author of each use, as severe as its stage."""
    dead = gone(deprecations, today, kept=kept)
    return [
        _problem(use, stage, refused=use.deprecation.feature in dead)
        for use in uses(definition, deprecations)
        if (stage := use.deprecation.stage(today)) is not None
    ]


def told(feature: str) -> str:
    """What whoever runs an app reads in place of a feature that is gone (superpowers, section 8)."""
    return f"This app uses a deprecated feature '{feature}'. Update needed."


def _problem(use: Use, stage: Stage, *, refused: bool) -> Problem:
    known = use.deprecation
    since, until = known.announced.isoformat(), known.reaches(Stage.REMOVED).isoformat()
    message = f"`{known.feature}` is deprecated since {since} and goes away on {until}."
    if refused:
        message = f"`{known.feature}` was deprecated on {since} and is no longer there."
    hint = f"Use `{known.replacement}`." if known.replacement else "Do without it, or do it another way."
    severity = Severity.SUGGESTION if stage is Stage.ANNOUNCED else Severity.WARNING
    return Problem(use.path, "deprecated", message, hint, Severity.ERROR if refused else severity)


def _steps(steps: Any, at: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every step of a list and of the lists inside it, with its pointer."""
    for index, step in enumerate(steps if isinstance(steps, Sequence) and not isinstance(steps, str) else ()):
        if not isinstance(step, dict):
            continue
        path = join(at, index)
        yield step, path
        yield from _steps(step.get("steps"), join(path, "steps"))
        arms = step.get("branch")
        for arm_index, arm in enumerate(arms if isinstance(arms, list) else ()):
            if isinstance(arm, dict):
                yield from _steps(arm.get("steps"), join(path, "branch", arm_index, "steps"))
