"""The addresses of the community that are not pages; a URLconf of its own, for commands that only name them."""

from __future__ import annotations

from django.urls import path

from decommerce.community.shopify.views import receive

urlpatterns = community_urls = [path("intake/shopify/<str:token>/", receive, name="shopify-intake")]
