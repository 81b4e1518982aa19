"""The Celery application. A message is a hint; PostgreSQL is the record of work."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decommerce.settings")

app = Celery("decommerce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["workers"])
