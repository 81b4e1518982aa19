"""`manage.py scaffold connector|action NAME`: the start of a new building block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps_engine.api.scaffold import scaffold_action, scaffold_connector
from decommerce.tenancy.errors import PlatformError


class Command(BaseCommand):
    """Write the file, the test and the line in the table of a new connector or action."""

    help = "The start of a new connector or action: its file, its test, its line in the table."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        connector = kinds.add_parser("connector", help="something that a definition may read")
        connector.add_argument("name", help="its name in definitions, such as reactions")
        connector.add_argument("--model", required=True, help="what it reads, such as community.Reaction")
        action = kinds.add_parser("action", help="something that a definition may do")
        action.add_argument("name", help="its name in definitions, such as pin_post")
        action.add_argument("--external", action="store_true", help="it calls the outside")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files and say what comes next."""
        root = Path(settings.BASE_DIR)
        try:
            if options["kind"] == "connector":
                written = scaffold_connector(root, options["name"], options["model"])
            else:
                written = scaffold_action(root, options["name"], external=options["external"])
        except PlatformError as error:
            raise CommandError(f"{error.message} {error.hint}".rstrip()) from error
        for path in written:
            self.stdout.write(str(path.relative_to(root)))
        self.stdout.write(f"Next: make it true, then: make test ARGS={written[1].relative_to(root)}")
