"""Brave Search (https://api-dashboard.search.brave.com/app/documentation/web-search)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from decommerce.outgoing.json_api import Answer, ServiceBusy, ServiceFailed
from decommerce.outgoing.request import OutgoingRequest
from decommerce.web_search.engine import Found, Query, SearchEngine, found_in
from decommerce.web_search.errors import SearchRefused

LABEL = "Brave Search"
MAX_ANSWER_BYTES = 2_000_000
_FRESHNESS = {"day": "pd", "week": "pw", "month": "pm", "year": "py"}
# A wrong key is answered with 422, as a wrong query is: only the code tells them apart.
_OUR_FAULT = frozenset({"SUBSCRIPTION_TOKEN_INVALID", "SUBSCRIPTION_NOT_FOUND", "OPTION_NOT_IN_PLAN"})


class Brave(SearchEngine):
    """At most 20 results a call; the key travels in a header of its own."""

    name = "brave"
    home = "https://api.search.brave.com"

    def request(self, query: Query) -> OutgoingRequest:
        asked: dict[str, Any] = {
            "q": query.text,
            "count": query.limit,
            "result_filter": "web",
            "text_decorations": "false",
        }
        if query.freshness:
            asked["freshness"] = _FRESHNESS[query.freshness]
        if query.country:
            asked["country"] = query.country.upper()
        return OutgoingRequest(
            url=f"{self.url}/res/v1/web/search?{urlencode(asked)}",
            method="GET",
            headers={"Accept": "application/json", "X-Subscription-Token": self.key},
            max_bytes=MAX_ANSWER_BYTES,
        )

    def read(self, answer: Answer) -> Sequence[Found]:
        document = answer.json
        # Where nothing matches there is no `web` at all; the type says that it is an answer all the same.
        if answer.status != 200 or document.get("type") != "search":
            raise _refusal(answer)
        web = document.get("web")
        rows = web.get("results") if isinstance(web, dict) else []
        return found_in(rows, snippet="description", published="page_age")


def _refusal(answer: Answer) -> Exception:
    if answer.status == 429:
        return ServiceBusy(LABEL, answer.retry_after or _reset(answer))
    if answer.status in {401, 402, 403} or answer.text("error", "code") in _OUR_FAULT:
        return SearchRefused(
            f"{LABEL} refuses the platform's key.", hint="The operator checks DECOMMERCE_SEARCH_KEY and its plan."
        )
    if answer.status in {400, 422}:
        return SearchRefused(
            f"{LABEL} refuses the query.", hint="At most 400 characters and 50 words; check the country's code."
        )
    return ServiceFailed(
        f"{LABEL} answered with the status {answer.status} and no results.",
        hint="Try later.",
        retryable=answer.status >= 500,
        retry_after=answer.retry_after,
    )


def _reset(answer: Answer) -> int | None:
    """Seconds until every exhausted window is over; the headers list a second and a month: `0, 0` and `1, 1419704`."""
    limits, left, resets = (
        [int(part) for part in answer.headers.get(f"x-ratelimit-{name}", "").split(",") if part.strip().isdecimal()]
        for name in ("limit", "remaining", "reset")
    )
    over = [reset for limit, rest, reset in zip(limits, left, resets, strict=False) if limit and not rest]
    return max(over, default=None)
