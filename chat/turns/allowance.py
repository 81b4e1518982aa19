"""How much a community may say to the chat, and how many tokens its answers may take (RUN-07)."""

from __future__ import annotations

from collections.abc import Mapping

from apps_engine.runtime.errors import QuotaReached
from apps_engine.services.quotas import count_chat_tokens, spend
from decommerce.tenancy.errors import PlatformError

TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


class MessagesUsedUp(PlatformError):
    """The community has used its messages of this hour, or its tokens of today."""

    code = "quota_chat"
    status = 429
    retryable = True


def spend_message() -> None:
    """Count one message; raises MessagesUsedUp. Needs the tenant's scope."""
    try:
        spend("chat", 1)
    except QuotaReached as reached:
        hint = "Your text is still here. Apps go on as before; an operator can allow more."
        raise MessagesUsedUp(reached.message, hint=hint) from reached


def count_answer(usage: Mapping[str, int]) -> None:
    """Count what an answer took of the provider's tokens, read from its cache or not."""
    count_chat_tokens(sum(usage.get(name, 0) for name in TOKENS))
