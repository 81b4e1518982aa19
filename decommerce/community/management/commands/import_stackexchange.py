"""`manage.py import_stackexchange DIR --tenant SLUG`: a Stack Exchange site's public dump becomes a community."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.stackexchange.dump import DumpUnreadable
from decommerce.community.importing.stackexchange.site import import_site
from decommerce.community.management.tenants import tenant_named
from decommerce.community.management.times import time_of
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.principal import system_principal


class Command(BaseCommand):
    """Idempotent: what was imported before is brought up to date."""

    help = "Import an unpacked Stack Exchange dump: users, tags, posts, comments, votes and badges."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="the folder with Users.xml, Posts.xml and so on")
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="whose community it becomes")
        parser.add_argument("--emit", action="store_true", help="also emit events for what is new")
        parser.add_argument("--until", metavar="TIME", help="leave out what came later")
        parser.add_argument(
            "--ending-at",
            metavar="now|TIME",
            help="move all times so that the newest falls on this one (ISO 8601 with a time zone)",
        )
        parser.add_argument(
            "--with-addresses", action="store_true", help="give new members made-up e-mail addresses at example.org"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        report = ProgressReport(options.get("stdout") or sys.stdout)
        until, ending_at = time_of(options, "until"), time_of(options, "ending_at")
        try:
            with caused_by(Cause(system_principal(tenant.pk, "Stack Exchange import"))):
                tallies = import_site(
                    options["folder"],
                    tenant.pk,
                    report,
                    emit=options["emit"],
                    until=until,
                    ending_at=ending_at,
                    addresses=options["with_addresses"],
                )
        except DumpUnreadable as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        for tally in tallies:
            self.stdout.write(tally.line())
