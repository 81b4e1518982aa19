"""What is allowed but could be better."""

from __future__ import annotations

from apps_engine.language.validate.review import Acted, Review


def advise(review: Review) -> None:
    """Suggest what a careful author would add."""
    if not review.definition.get("description"):
        hint = "One sentence for the admins who meet it a year from now."
        review.findings.add("", "add_description", "Nothing says what the app is for.", hint)
    events = {str(trigger.get("event")) for trigger, _ in review.triggers()}
    scheduled = any(trigger.get("type") == "scheduled" for trigger, _ in review.triggers())
    for acted in review.acts():
        spends_email = "email" in (acted.spec.spends, *acted.spec.sends)
        if scheduled and acted.looped and spends_email and "once_per" not in acted.step:
            hint = 'Add "once_per": "digest:{{ member.id }}:{{ today }}" with the name of your loop variable.'
            message = "A run that is repeated would send to the same people again."
            review.findings.add(acted.at, "add_once_per", message, hint)
        _advise_on_events(acted, events, review)


def _advise_on_events(acted: Acted, events: set[str], review: Review) -> None:
    for event in acted.spec.emits:
        if event in events:
            message = f"`{acted.spec.name}` causes `{event}`, which also starts the app."
            hint = "Nothing to do if that is meant: the platform does not let an app start itself."
            review.findings.add(acted.at, "triggers_itself", message, hint)
