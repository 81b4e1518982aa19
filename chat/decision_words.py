"""Why an app did not run, as a sentence (TRG-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps_engine.language import jsontext

OPERATORS: Mapping[str, str] = {
    "eq": "to be",
    "ne": "not to be",
    "gt": "to be more than",
    "gte": "to be at least",
    "lt": "to be less than",
    "lte": "to be at most",
    "in": "to be one of",
    "not_in": "to be none of",
    "contains": "to contain",
    "not_contains": "not to contain",
    "starts_with": "to begin with",
    "ends_with": "to end with",
    "matches": "to match",
    "exists": "to exist:",
    "between": "to be between",
    "within_last": "to be within the last",
    "older_than": "to be older than",
}
Details = Mapping[str, Any]


def reason_in_words(outcome: str, details: Details) -> str:
    """One sentence; an outcome without words of its own is named as it is."""
    words = REASONS.get(outcome)
    return words(details) if words else outcome.replace("_", " ").capitalize()


def _filtered(details: Details) -> str:
    if "field" not in details:
        return "The event did not match the app's filter."
    wanted = OPERATORS.get(details.get("operator", ""), details.get("operator", ""))
    expected, actual = _shown(details.get("expected")), _shown(details.get("actual"))
    return f"The app asks for {details['field']} {wanted} {expected}; it was {actual}."


def _chain(details: Details) -> str:
    if details.get("reason") == "self":
        return "The event came from this app itself; an app does not trigger itself."
    return "Too many apps had already triggered each other to get here."


def _quota(details: Details) -> str:
    return str(details.get("sentence", "The community had used up what its apps may use."))


def _paused(details: Details) -> str:
    """Of an event, or of a scheduled time that passed."""
    if "latest" not in details:
        return "The app was paused."
    return f"A scheduled time passed while the app was paused, and is not made up. {details.get('reason', '')}".strip()


def _missed(details: Details) -> str:
    """Too late, or of a schedule that was changed meanwhile."""
    too_late = "The scheduled time passed while nothing could run, and is too old to catch up."
    return str(details.get("reason", too_late))


def _invalid(details: Details) -> str:
    """The event's fault, or that of the definition."""
    if details.get("code") == "definition_outdated":
        return f"{details['message']} {details['hint']}"
    return "The event's data did not have the shape that the app's filter needs."


def _not_listening(details: Details) -> str:
    heard = ", ".join(map(str, details.get("listens_to", ())))
    return f"At that time the app listened to {heard}." if heard else "At that time the app listened to no event."


def _hinted(details: Details) -> str:
    return str(details.get("hint", "The app matches the event."))


def _unwanted(details: Details) -> str:
    return str(
        details.get("message") or "When the delay was over, its condition did not hold or the sequence had been left."
    )


def _waiting(details: Details) -> str:
    return str(details.get("message", "Its run has yet to begin."))


def _always(sentence: str) -> Callable[[Details], str]:
    return lambda details: sentence


def _shown(value: Any) -> str:
    text = f"“{value}”" if isinstance(value, str) else jsontext.dumps(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


REASONS: Mapping[str, Callable[[Details], str]] = {
    "filtered": _filtered,
    "chain": _chain,
    "made_later": _always("The app was made after the event."),
    "not_listening": _not_listening,
    "would_match": _hinted,
    "not_known": _hinted,
    "quota": _quota,
    "paused": _paused,
    "no_longer_wanted": _unwanted,
    "waiting": _waiting,
    "cancelled": _always("Its run was cancelled before it began."),
    "overlap": _always("Another run of this app was still waiting or running."),
    "missed": _missed,
    "invalid": _invalid,
}
