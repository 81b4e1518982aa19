"""A search engine of our own that speaks the wire formats of Brave Search and of SearXNG."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.wire_server import Asked, Reply, WireServer, answer

KEY = "BSA-of-the-tests"
HOSTS = ("api.search.brave.com", "search.example.com")


def brave_failure(status: int, code: str, detail: str, component: str, **headers: str) -> Reply:
    """The errors of Brave Search."""
    error = {
        "id": "5d832250-9396-4f6e-b84a-2a1fe524cd7d",
        "status": status,
        "code": code,
        "detail": detail,
        "meta": {"component": component},
    }
    return answer({"type": "ErrorResponse", "error": error, "time": 1_663_072_993}, status, **headers)


def page(number: int, title: str, snippet: str = "", age: str | None = None, **more: Any) -> dict[str, Any]:
    """One result as Brave Search gives it."""
    url = f"https://page{number}.example/"
    dated = {"page_age": age, "age": "November 20, 2026"} if age else {}
    return {
        "title": title,
        "url": url,
        "is_source_local": False,
        "is_source_both": False,
        "description": snippet,
        "profile": {"name": "Page", "url": url, "long_name": f"page{number}.example"},
        "language": "en",
        "family_friendly": True,
        "type": "search_result",
        "subtype": "generic",
        "meta_url": {"scheme": "https", "netloc": f"page{number}.example", "path": ""},
        **dated,
        **more,
    }


class SearchServer:
    """`pages` are the results; `asked` holds every request; `script` the answers that come first."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.pages: list[dict[str, Any]] = []
        self.asked: list[Asked] = []
        self.script: list[Reply] = []
        self.unresponsive: list[list[str]] = []
        self._server = WireServer(self.handle, context)
        self.port = self._server.port

    def url(self, host: str) -> str:
        """Where one of the engines is."""
        return f"https://{host}:{self.port}"

    def stop(self) -> None:
        """End."""
        self._server.stop()

    def handle(self, asked: Asked) -> Reply:
        """The answer to a request."""
        self.asked.append(asked)
        if self.script:
            return self.script.pop(0)
        return self._brave(asked) if asked.path == "/res/v1/web/search" else self._searxng(asked)

    def _brave(self, asked: Asked) -> Reply:
        if asked.headers.get("x-subscription-token") != KEY:
            detail = "The provided subscription token is invalid."
            return brave_failure(422, "SUBSCRIPTION_TOKEN_INVALID", detail, "authentication")
        if not 1 <= int(asked.first("count", "20")) <= 20 or not 1 <= len(asked.first("q")) <= 400:
            return brave_failure(422, "VALIDATION", "Unable to validate request parameter(s)", "query")
        found = self.pages[: int(asked.first("count", "20"))]
        document: dict[str, Any] = {"type": "search", "query": {"original": asked.first("q")}}
        if found:
            document["web"] = {"type": "search", "results": found, "family_friendly": True}
        limits = {"X_RateLimit_Limit": "1, 15000", "X_RateLimit_Remaining": "0, 14523"}
        return answer(document, X_RateLimit_Reset="1, 1419704", **limits)

    def _searxng(self, asked: Asked) -> Reply:
        if asked.path != "/search" or asked.first("format") != "json":
            return Reply(404, b"not found")
        results = [
            {
                "url": found["url"],
                "title": found["title"],
                "content": found["description"],
                "publishedDate": found.get("page_age"),
                "engine": "duckduckgo",
                "engines": ["duckduckgo"],
                "score": 1.0,
                "category": "general",
            }
            for found in self.pages
        ]
        document = {"query": asked.first("q"), "number_of_results": 0, "results": results, "answers": []}
        return answer({**document, "suggestions": [], "unresponsive_engines": self.unresponsive})


@contextmanager
def running_search(context: ssl.SSLContext) -> Iterator[SearchServer]:
    """A search engine on the loopback address."""
    server = SearchServer(context)
    yield server
    server.stop()
