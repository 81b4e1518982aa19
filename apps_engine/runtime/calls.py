"""From an act step and a scope to one call with its identity."""

from __future__ import annotations

from typing import Any

from apps_engine.language.errors import WrongType
from apps_engine.language.plan import Act
from apps_engine.runtime.ports import EffectCall
from apps_engine.runtime.scope import Scope
from apps_engine.runtime.size import bounded

LONGEST_ONCE_KEY = 400


def rendered_call(step: Act, scope: Scope, path: str) -> EffectCall:
    """The call with everything rendered. `path` names the item too, so its key is the same in every attempt."""
    once = None if step.once_per is None else _once_key(step.once_per(scope))
    return EffectCall(params=bounded(step.params(scope)), key=path, once=once)


def _once_key(rendered: Any) -> str:
    """A key as text: `{{ member.id }}` alone renders a number. Raises WrongType."""
    key = str(rendered) if type(rendered) is int else rendered
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_ONCE_KEY:
        hint = f"It must be a whole number or a text of 1 to {LONGEST_ONCE_KEY} characters."
        raise WrongType(f"`once_per` rendered {rendered!r}.", hint)
    return key
