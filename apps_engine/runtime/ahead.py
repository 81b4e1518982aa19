"""The outside calls that begin a loop's body, made for several items at once.

Only calls that may be repeated are made ahead, and only those that depend on no item before. Their answers are kept
under the keys that the calls have anyway: the items then go one by one, each finds its answer, and whatever happens in
between, paths, keys and journal are those of a loop that knows nothing of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.language.plan import Act, Each
from apps_engine.runtime.calls import rendered_call
from apps_engine.runtime.ports import EffectCall
from apps_engine.runtime.run import Run
from apps_engine.runtime.scope import Scope

# Items whose calls are made at once.
WINDOW = 8


def call_ahead(run: Run, step: Each, window: Sequence[Scope], path: str, start: int) -> None:
    """Make the calls of these items, the first of which is number `start`, one of the leading actions at a time."""
    places = {f"{path}[{index}]": scope for index, scope in enumerate(window, start)}
    for act in step.steps[: step.ahead]:
        assert isinstance(act, Act)
        if len(places) < 2 or not run.ports.effects.may_run_ahead(act.action):
            return
        run.guard(path)
        places = _answered(run, act, places)


def _answered(run: Run, act: Act, places: dict[str, Scope]) -> dict[str, Scope]:
    """Make one action's calls; returns those items that have its result, by which the next can be rendered."""
    having: dict[str, Scope] = {}
    calls: dict[str, EffectCall] = {}
    for place, scope in places.items():
        path = f"{place}/{act.key}"
        done = run.ports.journal.completed(path)
        try:
            if done is not None:
                having[place] = _with(scope, act, done.output)
            elif act.when is None or act.when(scope):
                calls[place] = rendered_call(act, scope, path)
            else:
                having[place] = _with(scope, act, None)
        except LanguageError:
            # The item itself will meet the same fault, and tell it.
            continue
    if len(calls) > 1:
        answers = run.ports.effects.ahead(act.action, list(calls.values()), run.meter)
        for place, answer in zip(calls, answers, strict=True):
            if answer is not None:
                having[place] = _with(places[place], act, answer)
    return having


def _with(scope: Scope, act: Act, output: Any) -> Scope:
    if act.id is not None:
        scope[act.id] = output
    return scope
