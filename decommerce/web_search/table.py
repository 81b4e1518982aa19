"""Every search engine. A new one is a file, its test and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from decommerce.web_search.brave import Brave
from decommerce.web_search.engine import SearchEngine
from decommerce.web_search.errors import SearchNotConfigured
from decommerce.web_search.searxng import SearXNG

ENGINES: Mapping[str, type[SearchEngine]] = {engine.name: engine for engine in (Brave, SearXNG)}


def chosen_engine() -> SearchEngine:
    """The engine of the operator's settings; raises SearchNotConfigured.

    SEARCH_ENGINE names it, SEARCH_KEY is its key, and SEARCH_URL its address where it is not at home.
    """
    engine = ENGINES.get(settings.SEARCH_ENGINE)
    if engine is None or (engine.needs_key and not settings.SEARCH_KEY) or not (settings.SEARCH_URL or engine.home):
        raise SearchNotConfigured
    return engine(settings.SEARCH_URL or engine.home, settings.SEARCH_KEY)
