"""`manage.py document_starters`: write `docs/starters.md` from the files of the ready-made apps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps_engine.api.starters_document import starters_document

PLACE = Path("docs") / "starters.md"


class Command(BaseCommand):
    """Needs no database."""

    help = "Write docs/starters.md: every ready-made app with its parameters and what it does."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document."""
        path = Path(settings.BASE_DIR) / PLACE
        path.write_text(starters_document(), encoding="utf-8")
        self.stdout.write(f"Wrote {PLACE}.")
