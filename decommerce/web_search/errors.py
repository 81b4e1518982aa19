"""Why the web was not searched."""

from __future__ import annotations

from decommerce.tenancy.errors import PlatformError


class SearchNotConfigured(PlatformError):
    """The operator chose no search engine, or gave it no key."""

    code = "search_not_configured"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "No search engine is connected.",
            hint="The operator sets DECOMMERCE_SEARCH_KEY for Brave, or DECOMMERCE_SEARCH_ENGINE and _URL for another.",
        )


class SearchRefused(PlatformError):
    """The engine answered that it does not search for us: its key, its plan or its settings are wrong."""

    code = "search_refused"
    status = 502
    sent = True
