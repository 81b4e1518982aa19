"""Why a step or a run ends early. Everything carries what the journal, the retry decision and people need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps_engine.language.plan import RetryPolicy


class StepError(Exception):
    """A step could not do its work. `retryable`: it may work later; `sent`: something may have left the platform.

    `retry_after` is how many seconds the other side asked to wait, where it did.
    """

    code = "step_failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        retryable: bool = False,
        sent: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.hint = hint
        self.retryable = retryable
        self.sent = sent
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, Any]:
        """The error as the journal keeps it."""
        wait = {} if self.retry_after is None else {"retry_after": self.retry_after}
        return {"code": self.code, "message": self.message, "hint": self.hint, "retryable": self.retryable, **wait}


class LimitReached(StepError):
    """A limit of the app's profile was reached; the journal names it (RUN-02)."""

    code = "limit_reached"


class DeadlineReached(LimitReached):
    """The run took longer than its profile allows."""

    code = "limit_seconds"


class JournalFull(LimitReached):
    """The steps of a run saw and made more than its journal keeps."""

    code = "limit_journal"


class QuotaReached(StepError):
    """The community has used up what its apps may use until `until`; a run may wait for then (RUN-07)."""

    code = "quota_reached"

    def __init__(self, message: str, *, code: str, hint: str, until: datetime) -> None:
        super().__init__(message, code=code, hint=hint)
        self.until = until


class RunFailed(Exception):
    """The run ends here: the step at `path` failed and nothing said to continue.

    `escalation` is the app's own rule {"key", "text"} for such a failure, if it has one.
    """

    def __init__(
        self,
        path: str,
        error: dict[str, Any],
        retry: RetryPolicy | None = None,
        escalation: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{path}: {error['message']}")
        self.path = path
        self.error = error
        self.retry = retry
        self.escalation = escalation


class Suspended(Exception):
    """The run waits, for a time or for a reply; it goes on from its journal. `error` says what it met, if anything."""

    def __init__(
        self, path: str, *, until: datetime | None = None, reply: Any = None, error: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(path)
        self.path = path
        self.until = until
        self.reply = reply
        self.error = error


class Stopped(Exception):
    """Somebody paused, cancelled or deleted; or the lease was lost and another worker owns the run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
