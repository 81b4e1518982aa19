"""From an act step and a scope to one call with its identity."""

from __future__ import annotations

from apps_engine.language.errors import WrongType
from apps_engine.language.plan import Act
from apps_engine.runtime.ports import EffectCall
from apps_engine.runtime.scope import Scope

LONGEST_ONCE_KEY = 400


def rendered_call(step: Act, scope: Scope, path: str) -> EffectCall:
    """The call with everything rendered. `path` names the item too, so its key is the same in every attempt."""
    once = None if step.once_per is None else step.once_per(scope)
    if once is not None and (not isinstance(once, str) or not once or len(once) > LONGEST_ONCE_KEY):
        raise WrongType(f"`once_per` rendered {once!r}.", f"It must be a text of 1 to {LONGEST_ONCE_KEY} characters.")
    return EffectCall(params=step.params(scope), key=path, once=once)
