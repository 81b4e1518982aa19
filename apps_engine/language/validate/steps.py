"""The walk over the steps of a flow, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from apps_engine.language.limits import STEP_KINDS
from apps_engine.language.pointers import join
from apps_engine.language.static_types import NUMBER, TEXT, Origin, Type, joined, object_of
from apps_engine.language.validate.acts import check_act
from apps_engine.language.validate.data import check_fetch, check_transform
from apps_engine.language.validate.effects import remember
from apps_engine.language.validate.faults import report_faults
from apps_engine.language.validate.loops import check_items
from apps_engine.language.validate.names import check_id, check_loop_name
from apps_engine.language.validate.pauses import check_pause
from apps_engine.language.validate.review import Place, Walk
from apps_engine.language.validate.scope import LOOP, Binding, Scope
from apps_engine.language.validate.shape import ARM_VALIDATOR, STEP_VALIDATORS
from apps_engine.language.validate.trust import chosen_by, narrowed_by

Step = Mapping[str, Any]

# A name that has more types than this behind a branch has what they have in common.
_MOST_TYPES = 8
_TOLERATED = object_of({"error": Type(untrusted=Origin.OUTSIDE), "escalation": TEXT}, open=True)


def check_steps(steps: Any, at: str, place: Place, walk: Walk) -> None:
    """Report everything wrong with these steps and bind their names in the scope of the place."""
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        _check_step(step, join(at, index), place, walk)


def _check_step(step: Any, at: str, place: Place, walk: Walk) -> None:
    kind = _kind(step, at, walk)
    if kind is None:
        return
    walk.counts[kind] += 1
    walk.places[at] = place
    if not walk.review.shaped:
        report_faults(STEP_VALIDATORS[kind], step, at, walk.review.findings)
    _check_common(step, at, place, walk)
    inside = _under(step.get("when"), place, walk)
    # Where a condition picks items out, whether there is a result tells which.
    result = _CHECKS[kind](step, at, inside, walk).marked(selected=inside.chosen)
    _bind(step, at, result, place, walk)
    if kind == "act" and (spec := walk.review.catalogue.actions.get(str(step["act"]))) is not None:
        remember(spec, step, place)


def _kind(step: Any, at: str, walk: Walk) -> str | None:
    findings = walk.review.findings
    if not isinstance(step, dict):
        findings.add(at, "wrong_type", "A step is an object.")
        return None
    kinds = [kind for kind in STEP_KINDS if kind in step]
    if not kinds:
        near = next((hint for key in step if (hint := findings.suggest(key, STEP_KINDS))), "")
        findings.add(
            at, "unknown_step", "This step is of no known kind.", near or f"Use one of: {', '.join(STEP_KINDS)}."
        )
        return None
    if len(kinds) > 1:
        message = f"This step is several at once: {', '.join(kinds)}."
        findings.add(at, "ambiguous_step", message, "Make one step of each.")
        return None
    return kinds[0]


def _under(condition: Any, place: Place, walk: Walk) -> Place:
    """Inside a condition: what it holds to is held to by everything in the step."""
    if not isinstance(condition, str):
        return place
    return replace(
        place,
        narrowed={**place.narrowed, **narrowed_by(condition, place.scope, walk.review.texts)},
        conditions=place.conditions | {condition},
        chosen=max(place.chosen, chosen_by(condition, place.reader(walk))),
    )


def _check_common(step: Step, at: str, place: Place, walk: Walk) -> None:
    findings = walk.review.findings
    if place.reader(walk).condition(step.get("when"), join(at, "when")) is False:
        findings.add(join(at, "when"), "unreachable_steps", "This step never runs.", "Remove it, or its condition.")
    on_error = step.get("on_error")
    escalation = walk.review.definition.get("escalation")
    rules = escalation if isinstance(escalation, dict) else {}
    if isinstance(on_error, str) and on_error not in ("fail", "continue", *rules):
        hint = (
            findings.suggest(on_error, ("fail", "continue", *rules))
            or "Write fail, continue, or a key of `escalation`."
        )
        findings.add(
            join(at, "on_error"), "unknown_escalation", f"There is no escalation rule `{on_error[:40]}`.", hint
        )
    if "retry" in step and ("each" in step or "branch" in step):
        message = "It changes nothing here: what fails inside goes by the retry of the step that failed, or of the run."
        hint = "Put `retry` on the steps inside that call something, or set `settings.retry`."
        findings.add(join(at, "retry"), "no_effect", message, hint)


def _bind(step: Step, at: str, result: Type, place: Place, walk: Walk) -> None:
    name = step.get("id")
    if not isinstance(name, str):
        return
    check_id(name, join(at, "id"), place.scope, walk.review.findings)
    when, unless = step.get("when"), ""
    if isinstance(when, str):
        unless = f"`{when.strip()[:60]}` holds"
    types: tuple[Type, ...] = (result,)
    if step.get("on_error", "fail") != "fail":
        types, unless = (result, _TOLERATED.marked(selected=result.picked)), unless or "the step succeeded"
    place.scope.names[name] = Binding(types, unless, when if isinstance(when, str) else "")


def _check_branch(step: Step, at: str, place: Place, walk: Walk) -> Type:
    arms = step.get("branch")
    depth = place.branches + 1
    _check_depth("branch_nesting", "Branches", depth, at, walk)
    scopes: list[Scope] = []
    otherwise = False
    for index, arm in enumerate(arms if isinstance(arms, list) else ()):
        arm_at = join(at, "branch", index)
        if not walk.review.shaped:
            report_faults(ARM_VALIDATOR, arm, arm_at, walk.review.findings)
        if otherwise:
            hint = "Put the arm without a condition last."
            walk.review.findings.add(arm_at, "unreachable_steps", "An arm before this one always runs.", hint)
        if not isinstance(arm, dict):
            continue
        holds = place.reader(walk).condition(arm.get("when", True), join(arm_at, "when"))
        if holds is False:
            hint = "Remove the arm, or its condition."
            walk.review.findings.add(join(arm_at, "when"), "unreachable_steps", "This arm never runs.", hint)
        otherwise = otherwise or holds is True
        scopes.append(place.scope.copy())
        inside = replace(_under(arm.get("when"), place, walk), scope=scopes[-1], branches=depth)
        check_steps(arm.get("steps"), join(arm_at, "steps"), inside, walk)
    _merge(scopes, place.scope, complete=otherwise)
    if otherwise and scopes:
        place.scope.remembered |= set.intersection(*(scope.remembered for scope in scopes))
    return object_of({"arm": replace(NUMBER, nullable=True)})


def _merge(arms: list[Scope], outer: Scope, *, complete: bool) -> None:
    """The names that the arms bound, seen from behind the branch."""
    bound: dict[str, list[Binding]] = {}
    for arm in arms:
        for name, binding in arm.names.items():
            if name not in outer.names:
                bound.setdefault(name, []).append(binding)
    for name, bindings in bound.items():
        everywhere = complete and len(bindings) == len(arms)
        types = tuple(chain.from_iterable(binding.types for binding in bindings))
        if len(types) > _MOST_TYPES:
            types = (joined(types),)
        unless = bindings[0].unless if everywhere else bindings[0].unless or "its arm of the branch ran"
        outer.names[name] = Binding(types, unless, bindings[0].condition)


def _check_each(step: Step, at: str, place: Place, walk: Walk) -> Type:
    depth = place.loops + 1
    _check_depth("loop_nesting", "Loops", depth, at, walk)
    items = check_items(step, at, place.reader(walk), walk.review)
    # How long a list is that somebody else wrote, and so each number of the loop, is their choice.
    names = {"loop": Binding((LOOP.marked(untrusted=items.untrusted, selected=items.selected),))}
    name = step.get("as")
    if isinstance(name, str):
        check_loop_name(name, join(at, "as"), place.scope, walk.review.findings)
        names[name] = Binding((items.element,))
    inner = place.scope.inner(names)
    most = walk.review.limit("items_per_loop") or 0
    times = most if items.most is None else min(items.most, most)
    inside = replace(place, scope=inner, loops=depth, times=place.times * times)
    # Who ends the loop decides which items come before the end, and which one is the last.
    ended_by = _ended_by(step.get("until"), inside, walk)
    known = walk.review.carried.ends.get(at, Origin.PLATFORM)
    inside = replace(inside, chosen=max(place.chosen, known, ended_by))
    check_steps(step.get("steps"), join(at, "steps"), inside, walk)
    # The end may also be decided by what the steps found out, which one knows behind them: in the next round.
    found_out = _ended_by(step.get("until"), inside, walk)
    if found_out > ended_by:
        walk.review.carrying.end(at, found_out)
    inside.reader(walk).condition(step.get("until"), join(at, "until"))
    return object_of({"count": NUMBER}, open=True)


def _ended_by(until: Any, place: Place, walk: Walk) -> int:
    return chosen_by(until, place.reader(walk)) if isinstance(until, str) else Origin.PLATFORM


def _check_depth(limit: str, what: str, depth: int, at: str, walk: Walk) -> None:
    most = walk.review.limit(limit)
    if most is not None and depth > most:
        message = f"{what} are nested {depth} deep; the profile allows {most}."
        walk.review.findings.add(at, "nested_too_deep", message, "Move the inner part to a flow or app of its own.")


_CHECKS: Mapping[str, Callable[[Step, str, Place, Walk], Type]] = {
    "fetch": check_fetch,
    "transform": check_transform,
    "act": check_act,
    "branch": _check_branch,
    "each": _check_each,
    "pause": check_pause,
}
