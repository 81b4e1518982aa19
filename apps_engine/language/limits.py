"""The one table of limits, by profile (RUN-02; both specifications). Validation and compile read it; nothing else does.

Bounds that hold for every app alike, such as the length of a template, are in `bounds.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps_engine.language.plan import Limits

AUTOMATION = "automation"
SUPERPOWER = "superpower"
PROFILES = (AUTOMATION, SUPERPOWER)

STEP_KINDS = ("fetch", "transform", "act", "branch", "each", "pause")
TRIGGER_TYPES = ("scheduled", "event", "delayed", "manual", "keyword", "phrase", "intent", "webhook")
CHAT_TRIGGERS = frozenset({"keyword", "phrase", "intent"})

# Which triggers a profile may have. A pause for a reply is ruled by the limit `reply_pauses`.
PROFILE_TRIGGERS: Mapping[str, frozenset[str]] = {
    AUTOMATION: frozenset(TRIGGER_TYPES) - CHAT_TRIGGERS,
    SUPERPOWER: frozenset(TRIGGER_TYPES),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: what is counted, and the most of it by profile; None is no limit of its own."""

    what: str
    automation: int | None
    superpower: int | None

    def most(self, profile: str) -> int | None:
        """The limit of a profile; an unknown profile gets the stricter one, so that checking can go on."""
        by_profile = {AUTOMATION: self.automation, SUPERPOWER: self.superpower}
        known = [limit for limit in by_profile.values() if limit is not None]
        return by_profile[profile] if profile in by_profile else min(known, default=None)


LIMITS: Mapping[str, Limit] = {
    "apps_per_tenant": Limit("apps of one community", 50, None),
    "slots_free": Limit("superpowers of a member on the free plan", None, 1),
    "slots_paid_first": Limit("superpowers of a paying member at the start", None, 3),
    "slots_paid_most": Limit("superpowers of a paying member at the highest level", None, 6),
    "flows": Limit("flows", 10, 30),
    "data_steps": Limit("fetch and transform steps in a flow", 20, None),
    "act_steps": Limit("act steps in a flow, nested ones included", 50, None),
    "steps": Limit("steps in a flow, nested ones included", None, 20),
    "branch_nesting": Limit("branches inside each other", 1, 5),
    "loop_nesting": Limit("loops inside each other", 3, 3),
    "items_per_loop": Limit("items of a loop", 1_000, 100),
    "seconds": Limit("seconds of one run", 300, 60),
    "ai_calls": Limit("AI calls in a run", 100, 20),
    "emails": Limit("emails in a run", 500, 5),
    "messages": Limit("messages in a run", None, 5),
    "scheduled_triggers": Limit("scheduled triggers", 3, 3),
    "scheduled_runs_per_day": Limit("scheduled runs a day", None, 5),
    "webhook_triggers": Limit("webhook endpoints", 5, 5),
    "ui_blocks": Limit("UI blocks in a response", None, 10),
    "pending_tasks": Limit("scheduled tasks waiting in a session", None, 10),
    "delay_hours": Limit("hours that something is put off", None, 168),
    "state_bytes": Limit("bytes of session state", None, 65_536),
    "template_nesting": Limit("placeholders inside text inside placeholders", 5, 5),
    "reply_pauses": Limit("pauses for a member's reply", 0, None),
    "escalation_rules": Limit("escalation rules, at least", None, 2),
}


def limit(profile: str, name: str) -> int | None:
    """The limit of that name for a profile; None when it has none. Raises KeyError for a name not in the table."""
    return LIMITS[name].most(profile)


def bound_limits(profile: str) -> Limits:
    """What a plan of this profile carries for the runtime to enforce."""
    return Limits(
        seconds=_bound(profile, "seconds"),
        items_per_loop=_bound(profile, "items_per_loop"),
        ai_calls=_bound(profile, "ai_calls"),
        emails=_bound(profile, "emails"),
        messages=limit(profile, "messages"),
    )


def _bound(profile: str, name: str) -> int:
    bound = limit(profile, name)
    if bound is None:
        raise ValueError(f"profile {profile!r} has no limit {name!r}, but every run needs one")
    return bound
