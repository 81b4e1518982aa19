"""`manage.py document`: write the pages of `docs` that follow from the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps_engine.api.documents.blocks import blocks_document
from apps_engine.api.documents.codes import codes_document
from apps_engine.api.documents.events import events_document
from apps_engine.api.documents.filters import filters_document
from apps_engine.api.documents.starters import starters_document

PAGES: Mapping[str, Callable[[], str]] = {
    "building-blocks.md": blocks_document,
    "codes.md": codes_document,
    "events.md": events_document,
    "filters.md": filters_document,
    "starters.md": starters_document,
}


class Command(BaseCommand):
    """Needs no database."""

    help = "Write the pages of docs that follow from the code: blocks, codes, events, filters, ready-made apps."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every page."""
        folder = Path(settings.BASE_DIR) / "docs"
        for name, written in PAGES.items():
            (folder / name).write_text(written(), encoding="utf-8")
            self.stdout.write(f"Wrote docs/{name}.")
