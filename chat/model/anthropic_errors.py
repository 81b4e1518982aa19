"""What the provider's errors mean to the person who waits for an answer: the platform's table, in a chat's words."""

from __future__ import annotations

from collections.abc import Mapping

from chat.model.port import Failed
from decommerce.intelligence.provider_faults import fault_of, is_transient

__all__ = ["failure_of", "is_transient"]

# Where a person in a chat can do something else than the author of a step.
IN_A_CHAT: Mapping[str, Failed] = {
    "model_request_refused": Failed(
        "model_request_refused",
        "The AI model did not accept this conversation.",
        "Begin a new conversation; if it happens again, tell an operator.",
    ),
}


def failure_of(error: Exception) -> Failed:
    """The failure as a person meets it."""
    fault = fault_of(error)
    said = IN_A_CHAT.get(fault.code)
    return said or Failed(fault.code, fault.message, fault.hint, fault.retryable)
