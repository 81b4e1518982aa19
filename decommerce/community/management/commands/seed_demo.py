"""`manage.py seed_demo --credentials-file PATH`: two tenants with a team, a shop and a community each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.community.demo.coffee import COFFEE
from decommerce.community.demo.credentials import TenantCredentials, read_credentials, write_credentials
from decommerce.community.demo.tenants import set_up_tenant
from decommerce.community.demo.trail_club import TRAIL_CLUB
from decommerce.tenancy.errors import PlatformError

THEMES = (TRAIL_CLUB, COFFEE)


class Command(BaseCommand):
    """Idempotent: what is there stays, and credentials that still work are kept."""

    # Runs at every start of the demo, where the checks would take most of its time.
    requires_system_checks: list[str] = []
    help = "Set up the demo: two tenants, each with logins, an API key, a shop and a made-up community."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--credentials-file", type=Path, required=True, metavar="PATH")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["credentials_file"]
        known = read_credentials(path)
        try:
            tenants = [
                set_up_tenant(
                    theme, known.get(theme.slug, TenantCredentials(theme.slug, theme.name)), self.stdout.write
                )
                for theme in THEMES
            ]
        except PlatformError as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from error
        write_credentials(path, tenants)
        self.stdout.write(f"The demo is ready; logins and keys are in {path}")
