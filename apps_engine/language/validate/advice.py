"""What is allowed but could be better."""

from __future__ import annotations

from apps_engine.language.pointers import join
from apps_engine.language.validate.permissions import addresses, called_host, events_left_open, sent_events
from apps_engine.language.validate.review import Acted, Review


def advise(review: Review) -> None:
    """Suggest what a careful author would add."""
    if not review.definition.get("description"):
        hint = "One sentence for the admins who meet it a year from now."
        review.findings.add("", "add_description", "Nothing says what the app is for.", hint)
    events = {str(trigger.get("event")) for trigger, _ in review.triggers()}
    scheduled = any(trigger.get("type") == "scheduled" for trigger, _ in review.triggers())
    for acted in review.acts:
        spends_email = "email" in (acted.spec.spends, *acted.spec.sends)
        if scheduled and acted.looped and spends_email and "once_per" not in acted.step:
            hint = 'Add "once_per": "digest:{{ member.id }}:{{ today }}" with the name of your loop variable.'
            message = "A run that is repeated would send to the same people again."
            review.findings.add(acted.at, "add_once_per", message, hint)
        _advise_on_events(acted, events, review)
    _advise_on_permissions(review)


def _advise_on_permissions(review: Review) -> None:
    """A permission that nothing needs is one that a later change may use unseen."""
    used: dict[str, set[str]] = {"oauth": set(), "emits": set(), "domains": set()}
    used["subscribes"] = {str(trigger.get("event")) for trigger, _ in review.triggers()}
    for acted in review.acts:
        params = acted.step.get("params")
        given = params if isinstance(params, dict) else {}
        used["oauth"] |= {*acted.spec.oauth}
        used["emits"] |= {*sent_events(acted.spec, given)}
        used["emits"] |= review.permitted("emits") if events_left_open(acted.spec, given) else set()
        for address in (given.get(name) for name in addresses(acted.spec)):
            host = called_host(address)
            # Where the host is not written out, it may be any of those that are permitted.
            used["domains"] |= {host} if host is not None else review.permitted("domains")
    for kind, names in used.items():
        for name in sorted(review.permitted(kind) - names):
            hint = "Remove it from the permissions."
            where = join("/permissions", kind)
            review.findings.add(where, "unused_permission", f"Nothing uses the permission `{name[:60]}`.", hint)


def _advise_on_events(acted: Acted, events: set[str], review: Review) -> None:
    for event in acted.spec.emits:
        if event in events:
            message = f"`{acted.spec.name}` causes `{event}`, which also starts the app."
            hint = "Nothing to do if that is meant: the platform does not let an app start itself."
            review.findings.add(acted.at, "triggers_itself", message, hint)
