"""The steps of a definition as the steps of a Plan: one small function for each of the six kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.durations import parse_duration
from apps_engine.language.limits import STEP_KINDS
from apps_engine.language.plan import Act, Arm, Branch, Each, Fetch, Gone, Pause, RetryPolicy, Step, Transform
from apps_engine.language.plan_references import reads
from apps_engine.language.predicates import Predicate, parse_predicate
from apps_engine.language.templates import (
    Template,
    compile_condition,
    compile_expression,
    compile_template,
    compile_value,
)
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column

# What an action writes that changes the app's state, and the name under which templates read that state.
STATE = "state"

_Compile = Callable[[Mapping[str, Any], dict[str, Any], Catalogue], Step]


def compile_steps(steps: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> tuple[Step, ...]:
    """The compiled steps of a list, each with a key that no sibling has."""
    keys = step_keys(steps)
    return tuple(_compiled(step, key, catalogue) for step, key in zip(steps, keys, strict=True))


def step_keys(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each step's segment of the path: its id, or its kind and place among its siblings, such as `act2`."""
    ids = {step["id"] for step in steps if "id" in step}
    keys: list[str] = []
    for place, step in enumerate(steps, start=1):
        key = step.get("id") or f"{kind_of_step(step)}{place}"
        while "id" not in step and key in ids:
            key += "_"
        keys.append(key)
    return keys


def kind_of_step(step: Mapping[str, Any]) -> str | None:
    """Which of the six kinds a canonical step is: the first kind's key that it has."""
    return next((kind for kind in STEP_KINDS if kind in step), None)


def optional_condition(source: str | bool | None) -> Template | None:
    """The compiled condition, if there is one."""
    return None if source is None else compile_condition(source)


def optional_value(source: Any) -> Template | None:
    """The compiled tree, if there is one."""
    return None if source is None else compile_value(source)


def retry_policy(declared: Mapping[str, Any] | None) -> RetryPolicy | None:
    """The declared policy, with the platform's defaults for what it leaves out."""
    if declared is None:
        return None
    default = RetryPolicy()
    return RetryPolicy(
        max_attempts=declared.get("max_attempts", default.max_attempts),
        backoff=declared.get("backoff", default.backoff),
        base_seconds=Decimal(declared.get("base_seconds", default.base_seconds)),
    )


def remembering(steps: Sequence[Step]) -> bool:
    """Whether one of these steps, or one inside them, changes the app's state."""
    return any(_remembers(step) for step in steps)


def _remembers(step: Step) -> bool:
    if isinstance(step, Act | Each):
        return step.remembers
    return isinstance(step, Branch) and any(remembering(arm.steps) for arm in step.arms)


def _compiled(step: Mapping[str, Any], key: str, catalogue: Catalogue) -> Step:
    carried = {
        "key": key,
        "id": step.get("id"),
        "when": optional_condition(step.get("when")),
        "on_error": step.get("on_error", "fail"),
        "retry": retry_policy(step.get("retry")),
    }
    kind = str(kind_of_step(step))
    feature = step[kind]
    if isinstance(feature, str) and feature in catalogue.gone:
        return Gone(**carried, feature=feature)
    return _KINDS[kind](step, carried, catalogue)


def _fetch(step: Mapping[str, Any], carried: dict[str, Any], catalogue: Catalogue) -> Step:
    connector = catalogue.connectors[step["fetch"]]
    return Fetch(
        **carried,
        connector=connector.name,
        where=_predicate(step.get("where")),
        fields=tuple(step.get("fields") or (field.name for field in connector.fields)),
        order_by=tuple(step.get("order_by") or ()),
        limit=optional_value(step.get("limit")),
        offset=optional_value(step.get("offset")),
    )


def _predicate(source: Any) -> Predicate | None:
    return None if source is None else parse_predicate(source)


def _transform(step: Mapping[str, Any], carried: dict[str, Any], catalogue: Catalogue) -> Step:
    spec = TRANSFORMS[step["transform"]]
    params = dict(step.get("params") or {})
    where = params.pop("where", None) if spec is TRANSFORMS["filter"] else None
    expressions = {name: compile_expression(params.pop(name)) for name in spec.expressions if name in params}
    columns: dict[str, Template] = {}
    if spec.row_expressions is not None:
        columns = {name: compile_column(source) for name, source in params.pop(spec.row_expressions).items()}
    return Transform(
        **carried,
        op=spec.name,
        source=compile_value(step.get("from")),
        params=compile_value(params),
        where=_predicate(where),
        expressions=expressions,
        columns=columns,
    )


def _act(step: Mapping[str, Any], carried: dict[str, Any], catalogue: Catalogue) -> Step:
    once = step.get("once_per")
    action = catalogue.actions[step["act"]]
    return Act(
        **carried,
        action=action.name,
        params=compile_value(step.get("params") or {}),
        local=action.local,
        once_per=None if once is None else compile_template(once),
        remembers=STATE in action.writes,
    )


def _branch(step: Mapping[str, Any], carried: dict[str, Any], catalogue: Catalogue) -> Step:
    arms = (Arm(compile_steps(arm["steps"], catalogue), optional_condition(arm.get("when"))) for arm in step["branch"])
    return Branch(**carried, arms=tuple(arms))


def _each(step: Mapping[str, Any], carried: dict[str, Any], catalogue: Catalogue) -> Step:
    steps = compile_steps(step["steps"], catalogue)
    until = optional_condition(step.get("until"))
    # `until` is asked after every item, and what an item remembers is seen by the next: neither can run ahead.
    alone = until is None and not remembering(steps)
    return Each(
        **carried,
        items=compile_value(step["each"]),
        name=step["as"],
        steps=steps,
        until=until,
        chunked=alone and all(isinstance(inner, Act) and inner.local for inner in steps),
        ahead=_ahead(steps) if until is None else 0,
        remembers=remembering(steps),
    )


def _ahead(steps: Sequence[Step]) -> int:
    """How many outside calls begin the body and depend on no item before: those may be made for several at once."""
    changing = remembering(steps)
    leading = takewhile(lambda step: isinstance(step, Act) and not step.local and step.once_per is None, steps)
    return len(list(takewhile(lambda step: not (changing and reads(step, STATE)), leading)))


def calling_out(steps: Sequence[Step]) -> bool:
    """Whether a step calls the outside, at any depth."""
    return any(
        (isinstance(step, Act) and not step.local)
        or (isinstance(step, Each) and calling_out(step.steps))
        or (isinstance(step, Branch) and any(calling_out(arm.steps) for arm in step.arms))
        for step in steps
    )


def most_attempts(steps: Sequence[Step]) -> int:
    """The most attempts that the retry of a step asks for, at any depth; 0 where none has its own."""
    return max((_attempts(step) for step in steps), default=0)


def _attempts(step: Step) -> int:
    if isinstance(step, Each):
        return most_attempts(step.steps)
    if isinstance(step, Branch):
        return max(most_attempts(arm.steps) for arm in step.arms)
    return 0 if step.retry is None else step.retry.max_attempts


def _pause(step: Mapping[str, Any], carried: dict[str, Any], catalogue: Catalogue) -> Step:
    wait = step["pause"]
    seconds = wait.get("for")
    if isinstance(seconds, str) and "{{" not in seconds:
        seconds = int(parse_duration(seconds).total_seconds())
    return Pause(**carried, seconds=optional_value(seconds), reply=optional_value(wait.get("for_reply")))


_KINDS: Mapping[str, _Compile] = {
    "fetch": _fetch,
    "transform": _transform,
    "act": _act,
    "branch": _branch,
    "each": _each,
    "pause": _pause,
}
