"""The one family of errors that people and programs meet."""

from __future__ import annotations

from collections.abc import Mapping


class PlatformError(Exception):
    """An error with a stable code, plain words and what to do.

    `retryable` says whether the same request may succeed later; `sent` whether anything left the platform before it
    failed; `status` is the HTTP status an edge answers with. `code` is also the key of an escalation rule (RUN-11).
    `declined` says that the other side answered, and has done nothing of it: sent again it is done once.
    `retry_after` is how many seconds the other side asked to wait, where it did; REST tells it as Retry-After.
    `spent` is what an outside call used before it failed, tokens say; it is counted with the run.
    """

    code = "platform_error"
    status = 400
    retryable = False
    sent = False
    declined = False
    retry_after: int | None = None
    spent: Mapping[str, int] = {}

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        retryable: bool | None = None,
        sent: bool | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.retryable = self.retryable if retryable is None else retryable
        self.sent = self.sent if sent is None else sent
        self.retry_after = self.retry_after if retry_after is None else retry_after

    def as_dict(self) -> dict[str, object]:
        """The error as JSON; an edge adds what its protocol asks for."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "retryable": self.retryable}


class NotFound(PlatformError):
    """Nothing of that name or number in this tenant (another tenant's row is no different from none)."""

    code = "not_found"
    status = 404
