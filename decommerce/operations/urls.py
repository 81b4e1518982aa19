"""The addresses for probes and operators."""

from __future__ import annotations

from django.urls import path

from decommerce.operations.views import alive, health, metrics, ready, system

operations_urls = [
    path("healthz", alive, name="alive"),
    path("readyz", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("operations/", system, name="operations"),
    path("operations/health", health, name="operations-health"),
]
