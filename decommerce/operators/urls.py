"""The addresses of the operators' pages."""

from __future__ import annotations

from django.urls import path

import decommerce.operators.records  # noqa: F401  # each registers what it shows
from decommerce.operators.sessions import PATH
from decommerce.operators.site import site

operators_urls = [path(PATH.removeprefix("/"), site.urls)]
