"""The most that one run of a flow may use, from the limits that its loops and reads declare."""

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


def usage(steps: Sequence[Step], at: str, walk: Walk) -> Counter[str]:
    """Emails, AI calls, messages and loop items of these steps; of a branch the larger arm counts."""
    total: Counter[str] = Counter()
    for index, step in enumerate(steps):
        total += _used(step, join(at, index), walk)
    return total


def _used(step: Step, at: str, walk: Walk) -> Counter[str]:
    if "branch" in step:
        arms = [
            usage(arm["steps"], join(at, "branch", index, "steps"), walk) for index, arm in enumerate(step["branch"])
        ]
        return Counter({key: max(arm[key] for arm in arms) for arm in arms for key in arm})
    if "each" in step:
        inner = walk.places.get(join(at, "steps", 0))
        items = inner.times if inner is not None else 0
        return usage(step["steps"], join(at, "steps"), walk) + Counter(loop_items=items)
    spec = walk.review.catalogue.actions.get(step.get("act", ""))
    if spec is None:
        return Counter()
    counted = {_SPENDS.get(spec.spends or ""), *(_SENDS.get(sent) for sent in spec.sends)} - {None}
    times = walk.places[at].times
    return Counter({str(key): times for key in counted})
