"""`manage.py create_tenant NAME --slug SLUG --owner-email ADDRESS`: a new tenant with its owner."""

from __future__ import annotations

import secrets
from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.community.founding import found_tenant, seat
from decommerce.community.values import checked
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import User


class Command(BaseCommand):
    """Prints the owner's first password, once, where the owner is a new person."""

    help = "Create a tenant and give its owner a seat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--slug", required=True, help="its short name in addresses and on the command line")
        parser.add_argument("--owner-email", required=True, metavar="ADDRESS")
        parser.add_argument("--owner-name", default="", metavar="NAME")
        parser.add_argument("--timezone", default="UTC", metavar="ZONE", help="an IANA time zone, e.g. Europe/Zurich")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["timezone"] not in available_timezones():
            raise CommandError(f"There is no time zone “{options['timezone']}”.")
        password = secrets.token_urlsafe(12)
        try:
            address = _address(options["owner_email"])
            known = User.objects.filter(email=address).exists()
            tenant = found_tenant(options["name"], options["slug"], options["timezone"])
            owner = seat(tenant, address, "owner", display_name=options["owner_name"], password=password)
        except PlatformError as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from error
        self.stdout.write(f"Tenant “{tenant.name}” ({tenant.slug}) belongs to {owner.email}.")
        if not known:
            self.stdout.write(f"Their password is {password} and is not shown again.")


def _address(email: str) -> str:
    """Checked before the tenant is founded: a tenant without an owner would be left behind."""
    return str(checked(User, "email", email.strip().lower()))
