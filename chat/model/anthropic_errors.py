"""What the provider's errors mean to the person who waits for an answer. Decided by type, never by an error's text."""

from __future__ import annotations

from collections.abc import Mapping

from anthropic import APIStatusError, APITimeoutError

from chat.model.port import Failed

UNREACHABLE = Failed(
    "model_unreachable", "The AI model cannot be reached.", "Try again in a moment; your apps keep running.", True
)
TIMED_OUT = Failed("model_timed_out", "The AI model took too long.", "Try again in a moment.", True)
BUSY = Failed("model_busy", "The AI model is overloaded.", "Try again in a minute.", True)
KEY_REFUSED = Failed(
    "model_key_refused", "The AI model refused this platform's key.", "An operator must check ANTHROPIC_API_KEY."
)
UNPAID = Failed(
    "model_unpaid", "The account at the AI provider needs attention.", "An operator must check its billing."
)
REQUEST_REFUSED = Failed(
    "model_request_refused",
    "The AI model did not accept this conversation.",
    "Begin a new conversation; if it happens again, tell an operator.",
)
UNKNOWN_MODEL = Failed(
    "model_unknown", "The AI model that is set does not exist.", "An operator must check ANTHROPIC_MODEL."
)
BROKEN = Failed("model_broken", "The AI provider had an error.", "Try again in a minute.", True)

BY_TYPE: Mapping[str, Failed] = {
    "authentication_error": KEY_REFUSED,
    "permission_error": KEY_REFUSED,
    "billing_error": UNPAID,
    "invalid_request_error": REQUEST_REFUSED,
    "request_too_large": REQUEST_REFUSED,
    "not_found_error": UNKNOWN_MODEL,
    "rate_limit_error": BUSY,
    "overloaded_error": BUSY,
    "timeout_error": TIMED_OUT,
    "api_error": BROKEN,
}
# Worth another attempt while nothing has been shown.
TRANSIENT = frozenset({"overloaded_error", "api_error"})


def failure_of(error: Exception) -> Failed:
    """The failure as a person meets it."""
    if isinstance(error, APIStatusError):
        return BY_TYPE.get(error.type or "", BROKEN)
    if isinstance(error, APITimeoutError):
        return TIMED_OUT
    return BROKEN if isinstance(error, ValueError) else UNREACHABLE


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed in a moment."""
    return isinstance(error, APIStatusError) and error.type in TRANSIENT
