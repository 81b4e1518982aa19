"""Parameters that are written out, judged by their action when a definition is saved and not first when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem
from apps_engine.language.templates import template_texts
from apps_engine.language.validate.codes import SERVICE_CODES
from apps_engine.language.validate.review import Acted, Review
from apps_engine.language.validate.vocabulary import vocabulary_of
from apps_engine.registry import registry

CODE = "invalid_parameter"


def constant_problems(definition: Mapping[str, Any]) -> list[Problem]:
    """An error for each parameter of a valid definition that its action refuses, whatever a run renders beside it."""
    review = Review.of(definition, vocabulary_of(registry.catalogue), shaped=True)
    return [problem for acted in review.acts for problem in _refused(acted)]


def _refused(acted: Acted) -> list[Problem]:
    params = acted.step.get("params") or {}
    at = join(acted.at, "params")
    try:
        registry.actions[acted.spec.name].Params.model_validate(params)
    except ValidationError as error:
        severity = SERVICE_CODES[CODE].severity
        return [
            Problem(join(at, *place), CODE, f"`{acted.spec.name}` cannot use this: {fault['msg']}.", "", severity)
            for fault in error.errors()
            if not _depends(params, place := _place(params, fault["loc"]))
        ]
    return []


def _place(params: Any, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The part of an error's place that leads into what was written; the rest names the types that were tried."""
    found: list[int | str] = []
    for step in loc:
        if not _has(params, step):
            break
        params = params[step]
        found.append(step)
    return tuple(found)


def _has(value: Any, step: int | str) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, Mapping) and step in value


def _depends(params: Any, place: tuple[int | str, ...]) -> bool:
    """Whether what stands there is rendered by a run, or holds something that is."""
    for step in place:
        params = params[step]
    return any("{{" in text for _, text in template_texts(params))
