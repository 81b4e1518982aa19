"""SearXNG, which an operator runs themselves (https://docs.searxng.org/dev/search_api.html)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from decommerce.outgoing.json_api import Answer, ServiceBusy, ServiceFailed
from decommerce.outgoing.request import OutgoingRequest
from decommerce.web_search.engine import Found, Query, SearchEngine, found_in
from decommerce.web_search.errors import SearchRefused

LABEL = "SearXNG"
MAX_ANSWER_BYTES = 2_000_000


class SearXNG(SearchEngine):
    """Asks other engines. It has no key, knows no country, and answers as many results as it finds."""

    name = "searxng"
    needs_key = False

    def request(self, query: Query) -> OutgoingRequest:
        asked = {"q": query.text, "format": "json", "categories": "general"}
        if query.freshness:
            asked["time_range"] = query.freshness
        return OutgoingRequest(
            url=f"{self.url}/search?{urlencode(asked)}",
            method="GET",
            headers={"Accept": "application/json"},
            max_bytes=MAX_ANSWER_BYTES,
        )

    def read(self, answer: Answer) -> Sequence[Found]:
        results = answer.json.get("results")
        if answer.status != 200 or not isinstance(results, list):
            raise _refusal(answer)
        if not results and answer.json.get("unresponsive_engines"):
            raise ServiceFailed(
                f"None of the engines that {LABEL} asks has answered.", hint="Try later.", retryable=True
            )
        return found_in(results, snippet="content", published="publishedDate")


def _refusal(answer: Answer) -> Exception:
    if answer.status == 429:
        return ServiceBusy(LABEL, answer.retry_after)
    if answer.status == 403:
        return SearchRefused(
            f"{LABEL} does not answer in JSON.", hint="The operator adds json to search.formats of its settings.yml."
        )
    return ServiceFailed(
        f"{LABEL} answered with the status {answer.status} and no results.",
        hint="Try later.",
        retryable=answer.status >= 500,
        retry_after=answer.retry_after,
    )
