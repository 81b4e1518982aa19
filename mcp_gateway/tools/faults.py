"""What is wrong with a tool's arguments, in the words of the platform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from apps_engine.language.pointers import existing, join
from apps_engine.language.problems import Problem
from apps_engine.language.suggestions import did_you_mean

MISSING = "missing"
UNKNOWN = "extra_forbidden"


def argument_problems(error: ValidationError, arguments: Any, known: Iterable[str]) -> list[Problem]:
    """One problem for each argument at fault; where one of several types would do, the message names them all."""
    problems: dict[str, Problem] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        problem = _problem(fault, arguments, list(known))
        before = problems.get(problem.path)
        if before is not None:
            problem = replace(before, message=f"{before.message}, or: {problem.message}")
        problems[problem.path] = problem
    return list(problems.values())


def _problem(fault: Any, arguments: Any, known: list[str]) -> Problem:
    pointer = join("", *fault["loc"])
    if fault["type"] == UNKNOWN:
        name = str(fault["loc"][-1])
        hint = did_you_mean(name, known) or f"Arguments: {', '.join(known) or 'none'}."
        return Problem(pointer, "unknown_argument", f"There is no argument “{name}”.", hint)
    # Pydantic adds the branch of a union to the place, which is no part of the arguments.
    path = pointer if fault["type"] == MISSING else existing(arguments, pointer)
    return Problem(path, fault["type"], fault["msg"])
