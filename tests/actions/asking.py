"""An outside action as the engine performs it: checked, prepared in the tenant's scope, stored, sent outside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from apps_engine.contracts import ActionContext, Call, ExternalAction, Request
from apps_engine.language.jsontext import dumps, loads
from apps_engine.services.engine.parameters import checked_params
from decommerce.tenancy.context import tenant_scope

Refusal = TypeVar("Refusal", bound=Exception)

KEY = "run:8:main/step"


def refused(deed: Callable[..., Any], error: type[Refusal], **params: Any) -> Refusal:
    """The error that a deed ends with."""
    with pytest.raises(error) as caught:
        deed(**params)
    return caught.value


def prepared(action: ExternalAction, context: ActionContext, **params: Any) -> Request:
    """The frozen request, as the database gives it back."""
    with tenant_scope(context.tenant_id):
        request = action.prepare(Call(checked_params(action, params), KEY), context)
    return Request(**loads(dumps({"kind": request.kind, "body": dict(request.body)})))


def asked(action: ExternalAction, context: ActionContext, *, seconds: float = 30.0, **params: Any) -> Mapping[str, Any]:
    """The result, which can be stored and has the declared fields; the call may take so many seconds."""
    request = replace(prepared(action, context, **params), deadline_seconds=seconds)
    result = action.send(request, context).result
    assert set(result) == {field.name for field in action.result}
    return dict(loads(dumps(dict(result))))
