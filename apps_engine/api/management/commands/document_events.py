"""`manage.py document_events`: write `docs/events.md` from the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps_engine.api.events_document import events_document

PLACE = Path("docs") / "events.md"


class Command(BaseCommand):
    """Needs no database."""

    help = "Write docs/events.md: how to send events, and every event with a sample."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document."""
        path = Path(settings.BASE_DIR) / PLACE
        path.write_text(events_document(), encoding="utf-8")
        self.stdout.write(f"Wrote {PLACE}.")
