"""The one ASGI application: pages and REST by Django."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decommerce.settings")

application = get_asgi_application()
