"""Every address of the web process."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from apps_engine.api.urls import api_urls, hook_urls
from chat.urls import chat_urls
from decommerce.community.urls import community_urls
from decommerce.operations.urls import operations_urls
from decommerce.operators.urls import operators_urls

urlpatterns: list[URLPattern | URLResolver] = [
    *operations_urls,
    *operators_urls,
    *api_urls,
    *hook_urls,
    *community_urls,
    *chat_urls,
]
