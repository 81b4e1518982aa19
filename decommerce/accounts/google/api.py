"""Calls of Google's REST APIs in a person's name, and what their errors mean here.

https://developers.google.com/workspace/gmail/api/guides/handle-errors and .../calendar/api/guides/errors
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from decommerce.accounts.errors import OAuthNotConfigured, OAuthRevoked
from decommerce.accounts.google.batch import batch_answers, batch_request
from decommerce.accounts.service import SERVICES
from decommerce.accounts.tokens import access_token, mark_insufficient
from decommerce.outgoing.json_api import Answer, JsonApi, ServiceBusy, ServiceFailed
from decommerce.outgoing.request import OutgoingRequest
from decommerce.tenancy.errors import PlatformError

MAX_ANSWER_BYTES = 5_000_000
NOT_THERE = "service_not_found"
Parameters = Mapping[str, str | int | Sequence[str]]

_BUSY = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}) | {
    "RATE_LIMIT_EXCEEDED"
}
_NOT_ALLOWED = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})


class GoogleApi:
    """One person's account for one service, over a few calls. A token that Google refuses is renewed once."""

    def __init__(self, api: JsonApi, user_id: int | None, service: str, account: str = "") -> None:
        self.service = service
        self._api = api
        self._user_id = user_id
        self._account = account
        self._token = access_token(api, user_id, service, account)

    @property
    def address(self) -> str:
        """The address of the account."""
        return self._token.address

    def get(self, url: str, parameters: Parameters, max_bytes: int = MAX_ANSWER_BYTES) -> dict[str, Any]:
        """The answer to a GET."""
        query = urlencode(parameters, doseq=True)
        answer = self.send(OutgoingRequest(url=f"{url}?{query}", method="GET", max_bytes=max_bytes))
        return answer.json

    def send(self, request: OutgoingRequest) -> Answer:
        """The answer to a request, which is a success; raises what the service's refusal means."""
        answer = self._authorised(request)
        if answer.status == 401:
            self._renew()
            answer = self._authorised(request)
        if answer.status != 200:
            raise self.failure(answer)
        return answer

    def batch(self, url: str, targets: Sequence[str], max_bytes: int) -> list[Answer | None]:
        """The answers to several GETs in one request, each whatever it is; None for one that is left out."""
        request = batch_request(url, targets, max_bytes)
        answers = batch_answers(self.send(request), len(targets))
        if any(part is not None and part.status == 401 for part in answers):
            self._renew()
            answers = batch_answers(self.send(request), len(targets))
        return answers

    def failure(self, answer: Answer) -> PlatformError:
        """What an answer that is no success means, by its status and the reasons it names."""
        label = SERVICES[self.service].label
        reasons = reasons_of(answer)
        if answer.status == 401:
            return OAuthRevoked(self.service, self._token.address)
        if answer.status == 429 or (answer.status == 403 and reasons & _BUSY):
            return ServiceBusy(label, answer.retry_after)
        if answer.status == 403 and reasons & _NOT_ALLOWED:
            return mark_insufficient(self._api, self._token, self.service)
        if answer.status == 403 and reasons & _SWITCHED_OFF:
            return OAuthNotConfigured(
                f"The API of {label} is switched off.", hint="The operator enables it in the platform's Google project."
            )
        if answer.status == 404:
            hint = "Look at the parameters of the step."
            return ServiceFailed(f"{label} has nothing there that the account may see.", hint=hint, code=NOT_THERE)
        retryable = answer.status >= 500
        hint = "Try again later." if retryable else "Look at the parameters of the step."
        message = f"{label} answered with the status {answer.status}."
        return ServiceFailed(message, hint=hint, retryable=retryable, retry_after=answer.retry_after)

    def _renew(self) -> None:
        self._token = access_token(self._api, self._user_id, self.service, self._account, refused=self._token)

    def _authorised(self, request: OutgoingRequest) -> Answer:
        headers = {"Accept": "application/json", **request.headers, "Authorization": f"Bearer {self._token.text}"}
        return self._api.call(replace(request, headers=headers))


def reasons_of(answer: Answer) -> frozenset[str]:
    """Every reason that an error names, in the older list and in the newer one."""
    error = answer.json.get("error")
    if not isinstance(error, dict):
        return frozenset()
    named = (entry for key in ("errors", "details") for entry in _entries(error.get(key)))
    return frozenset(entry["reason"] for entry in named if isinstance(entry.get("reason"), str))


def _entries(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
