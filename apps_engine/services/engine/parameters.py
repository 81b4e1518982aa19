"""Rendered parameters become the action's own type, or a clear error of the step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from apps_engine.contracts import Action
from apps_engine.runtime.errors import StepError


def checked_params(action: Action, params: Mapping[str, Any]) -> BaseModel:
    """The parameters as `action.Params`; raises StepError `invalid_params` that names each fault."""
    try:
        return action.Params.model_validate(params)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'params'}: {fault['msg']}" for fault in error.errors()
        )
        raise StepError(
            f"{action.name} was given parameters it cannot use: {faults}",
            code="invalid_params",
            hint="Look at what this step saw, and correct the template that renders it.",
        ) from error
