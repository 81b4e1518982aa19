"""The addresses of the community that are not pages."""

from __future__ import annotations

from django.urls import path

from decommerce.community.shopify.views import receive

community_urls = [path("intake/shopify/<str:token>/", receive, name="shopify-intake")]
