"""Calls of the platform itself to services on fixed hosts: through the door, and each in the tenant's log."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from decommerce.outgoing.allowlist import policy_for_hosts
from decommerce.outgoing.door import send
from decommerce.outgoing.errors import OutgoingError, OutgoingTimeout
from decommerce.outgoing.models import OutgoingCall
from decommerce.outgoing.record import CallRecord
from decommerce.outgoing.request import OutgoingRequest
from decommerce.outgoing.retry_after import retry_after_of
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError


class ServiceFailed(PlatformError):
    """A service answered, and the answer is none that can be used. It was asked, so `sent` is true."""

    code = "service_failed"
    status = 502
    sent = True


class ServiceBusy(PlatformError):
    """A service takes no more calls for now; the same one may succeed after `retry_after` seconds, if it said so."""

    code = "rate_limited"
    status = 429
    retryable = True
    sent = True
    declined = True

    def __init__(self, name: str, retry_after: int | None = None) -> None:
        when = f"in {retry_after} s" if retry_after else "in some minutes"
        hint = f"Try again {when}, or ask for less at once."
        super().__init__(f"{name} takes no more calls for now.", hint=hint, retry_after=retry_after)

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "retry_after": self.retry_after}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; an empty one where it is none, as the pages of proxies are."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def text(self, *path: str) -> str:
        """The text at a path of the object, such as its error's code; "" where there is none."""
        value: Any = self.json
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def retry_after(self) -> int | None:
        """How many seconds the service asks to wait, None where it does not say."""
        return retry_after_of(self.headers.get("retry-after"))


@dataclass(slots=True)
class JsonApi:
    """Calls for one tenant to services at these addresses, all of them within `seconds`.

    `app_id` and `execution_id` say in the log which run asked.
    """

    tenant_id: int
    urls: Collection[str]
    seconds: float
    app_id: int | None = None
    execution_id: int | None = None
    _began: float = field(default_factory=time.monotonic)

    def call(self, request: OutgoingRequest) -> Answer:
        """Send it; raises OutgoingError where no complete answer came."""
        policy = policy_for_hosts([urlsplit(url).hostname or "" for url in self.urls])
        try:
            answer = send(replace(request, timeout_seconds=min(request.timeout_seconds, self.remaining())), policy)
        except OutgoingError as error:
            self._keep(error.record)
            raise
        self._keep(answer.record)
        return Answer(answer.status, answer.headers, answer.body)

    def remaining(self) -> float:
        """Seconds that are left, more than 0; raises OutgoingTimeout after them."""
        left = self._began + self.seconds - time.monotonic()
        if left <= 0:
            raise OutgoingTimeout(f"No complete answer within {self.seconds:g} seconds.", hint="Try later.", sent=True)
        return left

    def _keep(self, record: CallRecord | None) -> None:
        if record is not None:
            with tenant_scope(self.tenant_id):
                OutgoingCall.of(record, app_id=self.app_id, execution_id=self.execution_id).save()
