"""`manage.py health`: how every part of the system is."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.operations.health import system_health


class Command(BaseCommand):
    """One line a part; exit status 1 where one is late or down."""

    help = "How every part is: PostgreSQL, Valkey, workers, consumers, beat, and what waits."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every part."""
        health = system_health()
        if options["json"]:
            self.stdout.write(json.dumps(health.as_dict(), indent=2))
        else:
            for part in health.parts:
                self.stdout.write(f"{part.name:<16} {part.state:<5} {part.told}")
        unwell = [part.name for part in health.parts if part.state != "up"]
        if unwell:
            raise CommandError(f"Not as it should be: {', '.join(unwell)}. See docs/operations.md.")
