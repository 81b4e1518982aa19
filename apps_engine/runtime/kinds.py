"""What each of the six kinds of step does. A closed table: variety comes from connectors, actions and transforms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from apps_engine.language.deprecations import told
from apps_engine.language.errors import WrongType
from apps_engine.language.plan import Act, Branch, Each, Fetch, Gone, Pause, Step, Transform
from apps_engine.language.predicates import bind, source_of
from apps_engine.language.templates import Template
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import row_maker
from apps_engine.runtime.calls import rendered_call
from apps_engine.runtime.errors import StepError, Suspended
from apps_engine.runtime.loops import each
from apps_engine.runtime.ports import Entry, Query
from apps_engine.runtime.run import Kind, Result, Run
from apps_engine.runtime.scope import Scope
from apps_engine.runtime.size import bounded

LONGEST_PAUSE = timedelta(days=366)


def fetch(run: Run, step: Fetch, scope: Scope, path: str) -> Result:
    """Read rows through a connector."""
    query = Query(
        connector=step.connector,
        where=None if step.where is None else bind(step.where, scope, scope["now"]),
        fields=step.fields,
        order_by=step.order_by,
        limit=min(_count(step.limit, scope, run.plan.limits.rows_per_fetch), run.plan.limits.rows_per_fetch),
        offset=_count(step.offset, scope, 0),
    )
    seen = {
        "connector": step.connector,
        "where": None if query.where is None else bounded(source_of(query.where)),
        "limit": query.limit,
        "offset": query.offset,
    }
    with run.ports.work.step():
        rows = run.ports.reader.fetch(query)
    return Result(bounded(rows), seen, len(rows))


def transform(run: Run, step: Transform, scope: Scope, path: str) -> Result:
    """Reshape a list, or work out a value, with one of the engine's transforms."""
    source = step.source(scope)
    params = bounded({**step.params(scope), **{name: formula(scope) for name, formula in step.expressions.items()}})
    where = None if step.where is None else bind(step.where, scope, scope["now"])
    output = TRANSFORMS[step.op].apply(source, params, row_maker(step.columns, scope) if step.columns else where)
    seen = {"transform": step.op, "params": params, "rows": _size(source)}
    return Result(bounded(output), seen, _size(output))


def act(run: Run, step: Act, scope: Scope, path: str) -> Result:
    """Perform one action."""
    call = rendered_call(step, scope, path)
    effects = run.ports.effects
    if step.local:
        with run.meter.provisional(), run.ports.work.step():
            output = effects.apply(step.action, [call], run.meter)[0]
    else:
        output = effects.call(step.action, call, run.meter)
    return Result(output, {"action": step.action, "params": call.params})


def branch(run: Run, step: Branch, scope: Scope, path: str) -> Result:
    """Run the first arm whose condition holds."""
    for index, arm in enumerate(step.arms):
        if arm.when is None or arm.when(scope):
            run.steps(arm.steps, scope, f"{path}.{index}")
            return Result({"arm": index})
    return Result({"arm": None})


def pause(run: Run, step: Pause, scope: Scope, path: str) -> Result:
    """Wait. The entry is recorded first, so that the run goes on behind it."""
    if step.reply is not None:
        raise Suspended(path, reply=step.reply(scope))
    seconds = _count(step.seconds, scope, 0)
    if seconds > LONGEST_PAUSE.total_seconds():
        raise StepError(f"A pause of {seconds} seconds is longer than {LONGEST_PAUSE.days} days.", code="limit_pause")
    until = run.ports.clock.now() + timedelta(seconds=seconds)
    run.ports.journal.record(Entry(path, "pause", "done", {"seconds": seconds}, {"until": until.isoformat()}))
    raise Suspended(path, until=until)


def gone(run: Run, step: Gone, scope: Scope, path: str) -> Result:
    """Say that the feature is no longer there; the app stays installed (APP-10)."""
    raise StepError(told(step.feature), code="deprecated_feature", hint="Ask for an upgrade of the app, or change it.")


KINDS: Mapping[type[Step], Kind] = {
    Fetch: fetch,
    Transform: transform,
    Act: act,
    Branch: branch,
    Each: each,
    Pause: pause,
    Gone: gone,
}


def _count(template: Template | None, scope: Scope, default: int) -> int:
    value = default if template is None else template(scope)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongType(f"`{value!r}` is not a count.", "Use a whole number, 0 or more.")
    return value


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1
