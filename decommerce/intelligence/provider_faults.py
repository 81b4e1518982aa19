"""What the provider's errors mean: one table for chats and steps, decided by type, never by an error's text.

Imports the provider's library, so it is loaded only where a model is connected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from anthropic import APIConnectionError, APIStatusError, APITimeoutError

from decommerce.outgoing.retry_after import retry_after_of


@dataclass(frozen=True, slots=True)
class ProviderFault:
    """Why there is no answer, and what to do. The code is the key of an escalation rule."""

    code: str
    message: str
    hint: str
    retryable: bool = False


UNREACHABLE = ProviderFault(
    "model_unreachable", "The AI model cannot be reached.", "Try again in a moment; your apps keep running.", True
)
TIMED_OUT = ProviderFault("model_timed_out", "The AI model took too long.", "Try again in a moment.", True)
BUSY = ProviderFault("model_busy", "The AI model is overloaded.", "Try again in a minute.", True)
KEY_REFUSED = ProviderFault(
    "model_key_refused", "The AI model refused this platform's key.", "An operator must check ANTHROPIC_API_KEY."
)
UNPAID = ProviderFault(
    "model_unpaid", "The account at the AI provider needs attention.", "An operator must check its billing."
)
REQUEST_REFUSED = ProviderFault(
    "model_request_refused",
    "The AI model did not accept this request.",
    "Shorten the input or simplify the schema; if it happens again, tell an operator.",
)
UNKNOWN_MODEL = ProviderFault(
    "model_unknown",
    "The AI model that is set does not exist.",
    "An operator must check ANTHROPIC_MODEL and ANTHROPIC_STEP_MODEL.",
)
BROKEN = ProviderFault("model_broken", "The AI provider had an error.", "Try again in a minute.", True)

BY_TYPE: Mapping[str, ProviderFault] = {
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
# Nothing left the platform: there was nobody to send it to.
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def fault_of(error: Exception) -> ProviderFault:
    """What an error of the library, of its transport or of its reading of a stream means."""
    if isinstance(error, APIStatusError):
        return BY_TYPE.get(error.type or "", BROKEN)
    if isinstance(error, APITimeoutError | httpx2.TimeoutException):
        return TIMED_OUT
    return BROKEN if isinstance(error, ValueError) else UNREACHABLE


def is_transient(error: Exception) -> bool:
    """Whether the provider says that the same request may succeed in a moment."""
    return isinstance(error, APIStatusError) and error.type in TRANSIENT


def is_cut(error: Exception) -> bool:
    """Whether the connection broke, before the answer or in its middle."""
    broken = isinstance(error, APIConnectionError | httpx2.TransportError)
    return broken and not isinstance(error, APITimeoutError | httpx2.TimeoutException)


def wait_of(error: Exception) -> int | None:
    """How many seconds the provider asks to wait, None where it does not say."""
    return retry_after_of(error.response.headers.get("retry-after")) if isinstance(error, APIStatusError) else None


def was_sent(error: Exception) -> bool:
    """Whether the request may have arrived."""
    return not isinstance(error, _NEVER_SENT) and not isinstance(error.__cause__, _NEVER_SENT)
