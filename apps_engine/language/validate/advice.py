"""What is allowed but could be better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.pointers import join
from apps_engine.language.validate.review import Review


def advise(review: Review) -> None:
    """Suggest what a careful author would add."""
    if not review.definition.get("description"):
        hint = "One sentence for the admins who meet it a year from now."
        review.findings.add("", "add_description", "Nothing says what the app is for.", hint)
    events = {str(trigger.get("event")) for trigger, _ in review.triggers()}
    scheduled = any(trigger.get("type") == "scheduled" for trigger, _ in review.triggers())
    for step, at, looped in _acts(review):
        spec = review.catalogue.actions.get(step["act"]) if isinstance(step["act"], str) else None
        if spec is None:
            continue
        if scheduled and looped and "email" in (spec.spends, *spec.sends) and "once_per" not in step:
            hint = 'Add "once_per": "digest:{{ member.id }}:{{ today }}" with the name of your loop variable.'
            message = "A run that is repeated would send to the same people again."
            review.findings.add(at, "add_once_per", message, hint)
        _advise_on_events(spec, events, at, review)


def _advise_on_events(spec: ActionSpec, events: set[str], at: str, review: Review) -> None:
    for event in spec.emits:
        if event in events:
            message = f"`{spec.name}` causes `{event}`, which also starts the app."
            hint = "Nothing to do if that is meant: the platform does not let an app start itself."
            review.findings.add(at, "triggers_itself", message, hint)


def _acts(review: Review) -> Iterator[tuple[dict[str, Any], str, bool]]:
    for _, flow, at in review.flows():
        yield from _acts_in(flow.get("steps"), join(at, "steps"), looped=False)


def _acts_in(steps: Any, at: str, *, looped: bool) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """Each act step below, its pointer, and whether it runs in a loop."""
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        place = join(at, index)
        if "act" in step:
            yield step, place, looped
        yield from _acts_in(step.get("steps"), join(place, "steps"), looped=looped or "each" in step)
        for number, arm in enumerate(step["branch"] if isinstance(step.get("branch"), list) else ()):
            if isinstance(arm, dict):
                yield from _acts_in(arm.get("steps"), join(place, "branch", number, "steps"), looped=looped)
