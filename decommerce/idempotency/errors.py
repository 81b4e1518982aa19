"""How a write with an idempotency key is refused (draft-ietf-httpapi-idempotency-key-header, section 2.7)."""

from __future__ import annotations

from decommerce.tenancy.errors import PlatformError

RETRY_AFTER_SECONDS = 1


class BadIdempotencyKey(PlatformError):
    """The key cannot be used."""

    code = "bad_idempotency_key"


class RequestInProgress(PlatformError):
    """The first request of that key is not answered yet."""

    code = "request_in_progress"
    status = 409
    retryable = True
    retry_after = RETRY_AFTER_SECONDS

    def __init__(self) -> None:
        super().__init__(
            "The first request with this idempotency key is still under way.",
            hint="Send it again in a moment: it gets the answer of the first.",
        )

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "retry_after": self.retry_after}


class IdempotencyKeyReused(PlatformError):
    """The key belongs to another request."""

    code = "idempotency_key_reused"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was used for a request that says something else.",
            hint="Use a new key for a new request; a UUID is a good one.",
        )
