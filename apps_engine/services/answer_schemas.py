"""The schemas of answers that a definition asks a model for, judged when it is saved and not first when it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem, Severity
from apps_engine.registry import registry
from decommerce.intelligence.errors import SchemaRefused
from decommerce.intelligence.schema import answer_schema

PARAMETER = "output_schema"


def schema_problems(definition: Mapping[str, Any]) -> list[Problem]:
    """An error for each schema that no answer could be held to."""
    problems = []
    for name, flow in definition["flows"].items():
        for step, at in _acts(flow["steps"], join("/flows", name, "steps")):
            action = registry.actions.get(step["act"])
            schema = step.get("params", {}).get(PARAMETER)
            if action is None or action.spends != "ai" or not isinstance(schema, Mapping):
                continue
            try:
                answer_schema(schema)
            except SchemaRefused as error:
                where = join(at, "params", PARAMETER)
                problems.append(Problem(where, error.code, error.message, error.hint, Severity.ERROR))
    return problems


def _acts(steps: Sequence[Mapping[str, Any]], at: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each step that acts, and its pointer."""
    for index, step in enumerate(steps):
        place = join(at, index)
        if "act" in step:
            yield step, place
        yield from _acts(step.get("steps", ()), join(place, "steps"))
        for number, arm in enumerate(step.get("branch", ())):
            yield from _acts(arm["steps"], join(place, "branch", number, "steps"))
