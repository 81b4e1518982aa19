"""Searching the web with the search engine that the operator chose (PIP-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.search_text import SearchText
from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.language.catalogue import FieldSpec, FieldType
from apps_engine.language.filters.markup import strip_html
from apps_engine.language.instants import format_instant
from decommerce.community.exact_json import storable
from decommerce.outgoing.json_api import JsonApi
from decommerce.outgoing.quota import require_quota
from decommerce.web_search.engine import Found, Query
from decommerce.web_search.table import chosen_engine

DEADLINE_SECONDS = 15.0
LONGEST_TITLE = 300
LONGEST_SNIPPET = 1_000
LONGEST_URL = 2_048


class WebSearchParams(BaseModel):
    """`query` leaves the platform: it goes to the search engine."""

    model_config = ConfigDict(extra="forbid")

    query: SearchText = Field(
        min_length=1, max_length=400, description="What to look for; it is sent to the search engine"
    )
    limit: int = Field(10, ge=1, le=20, description="At most so many results, best first")
    freshness: Literal["day", "week", "month", "year"] | None = Field(None, description="Pages no older than this")
    country: str | None = Field(
        None, pattern="^[A-Za-z]{2}$", description="Two letters, e.g. CH: where results are from"
    )


class WebSearch(ExternalAction[WebSearchParams]):
    """Reads, and reads only. That nothing was found is a result; that nothing could be asked is an error."""

    name = "web_search"
    summary = "Search the web"
    sentence = "searches the web"
    Params = WebSearchParams
    result = (
        FieldSpec(
            "results", FieldType.LIST, "Best first: title, url, snippet, published_at (null if unknown)", untrusted=True
        ),
        FieldSpec("count", FieldType.INTEGER, "How many results are listed"),
        FieldSpec("empty", FieldType.BOOLEAN, "True where the web was searched and nothing matched"),
        FieldSpec("sample", FieldType.BOOLEAN, "True in a test run: the results are made up"),
    )
    repeatable = Repeatable.SAFELY
    cached = True

    def prepare(self, call: Call[WebSearchParams], context: ActionContext) -> Request:
        require_quota()
        return Request("web_search", call.params.model_dump(), DEADLINE_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        engine = chosen_engine()
        query = Query(*(request.body[name] for name in ("query", "limit", "freshness", "country")))
        api = JsonApi(context.tenant_id, (engine.url,), request.deadline_seconds, context.app_id, context.execution_id)
        found = engine.read(api.call(engine.request(query)))
        results = [_result(page) for page in found[: query.limit]]
        return Response({"results": results, "count": len(results), "empty": not results, "sample": False})

    def preview(self, request: Request) -> Mapping[str, Any]:
        query = request.body["query"]
        results = [
            {
                "title": f"[Sample] {title}: {query}",
                "url": f"https://example.com/sample/{number}",
                "snippet": "A made-up result of the test run; nothing was searched.",
                "published_at": "2026-11-20T08:00:00Z",
            }
            for number, title in enumerate(("A guide", "News", "Questions and answers"), 1)
        ][: request.body["limit"]]
        return {"results": results, "count": len(results), "empty": False, "sample": True}


def _result(page: Found) -> dict[str, Any]:
    return {
        "title": _plain(page.title, LONGEST_TITLE),
        "url": storable(page.url)[:LONGEST_URL],
        "snippet": _plain(page.snippet, LONGEST_SNIPPET),
        "published_at": None if page.published_at is None else format_instant(page.published_at),
    }


def _plain(markup: str, longest: int) -> str:
    """One line of text, without the engine's marks around what was looked for."""
    return " ".join(strip_html(storable(markup[: 4 * longest])).split())[:longest]
