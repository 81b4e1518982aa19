"""The most that one run of a flow may use, from the limits that its loops and reads declare (RUN-02)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from apps_engine.language.pointers import join
from apps_engine.language.validate.review import Walk

Step = Mapping[str, Any]

# What an action spends or sends, and how the worst case counts it.
_SPENDS = {"email": "emails", "ai": "ai_calls"}
_SENDS = {"message": "messages"}
_NAMES = {"emails": "e-mails", "ai_calls": "AI calls", "messages": "messages"}


def check_usage(steps: Any, at: str, walk: Walk) -> None:
    """Tell what the worst run of a flow would want and may not have; the run stops there."""
    used = usage(steps, at, walk)
    for counted, name in _NAMES.items():
        most = walk.review.limit(counted)
        if most is not None and used[counted] > most:
            message = f"A run may want {used[counted]:,} {name}; it is stopped after {most:,}."
            hint = "Set a lower `limit` where the rows are read, or split the app."
            walk.review.findings.add(at, "limit_reached", message, hint)


def usage(steps: Any, at: str, walk: Walk) -> Counter[str]:
    """Emails, AI calls, messages, calls outside and loop items of these steps; of a branch the larger arm counts."""
    total: Counter[str] = Counter()
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            total.update(_used(step, join(at, index), walk))
    return total


def _used(step: Step, at: str, walk: Walk) -> Mapping[str, int]:
    if "branch" in step:
        return _largest(step["branch"], join(at, "branch"), walk)
    if "each" in step:
        inner = walk.places.get(join(at, "steps", 0))
        inside = usage(step.get("steps"), join(at, "steps"), walk)
        inside["loop_items"] += inner.times if inner is not None else 0
        return inside
    name, place = step.get("act"), walk.places.get(at)
    spec = walk.review.catalogue.actions.get(name) if isinstance(name, str) else None
    if spec is None or place is None:
        return {}
    counted = {_SPENDS.get(spec.spends or ""), *(_SENDS.get(sent) for sent in spec.sends)} - {None}
    counted |= set() if spec.local else {"outside_calls"}
    return {str(key): place.times for key in counted}


def _largest(arms: Any, at: str, walk: Walk) -> Mapping[str, int]:
    """Of each, that of the arm that uses most of it."""
    most: Counter[str] = Counter()
    for index, arm in enumerate(arms if isinstance(arms, Sequence) else ()):
        if isinstance(arm, dict):
            most |= usage(arm.get("steps"), join(at, index, "steps"), walk)
    return most
