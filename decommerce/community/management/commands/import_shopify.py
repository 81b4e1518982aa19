"""`manage.py import_shopify FILES... --tenant SLUG`: customers, products, orders, checkouts and refunds from JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.shopify_files import FileUnreadable, import_files
from decommerce.community.management.tenants import tenant_named
from decommerce.community.management.times import time_of
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.principal import system_principal


class Command(BaseCommand):
    """Idempotent: an older version never replaces a newer one."""

    help = "Import Shopify resources from JSON files, in any of the shapes that Shopify's API and exports have."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="whose shop it is")
        parser.add_argument("--emit", action="store_true", help="also emit events for what is new")
        parser.add_argument(
            "--ending-at",
            metavar="now|TIME",
            help="move all times so that the newest falls on this one (ISO 8601 with a time zone)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        report = ProgressReport(options.get("stdout") or sys.stdout)
        ending_at = time_of(options, "ending_at")
        try:
            with caused_by(Cause(system_principal(tenant.pk, "Shopify import"))):
                files, emit = options["files"], options["emit"]
                tallies = import_files(files, tenant.pk, report, emit=emit, ending_at=ending_at)
        except FileUnreadable as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from error
        for tally in tallies:
            self.stdout.write(tally.line())
