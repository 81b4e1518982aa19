"""`manage.py setup_database`: roles, migrations and isolation; safe to run at every start."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from decommerce.tenancy.isolation import RUNTIME, SCHEDULER
from decommerce.tenancy.roles import create_roles

# More than were given between a backup and the moment at which it is restored.
SKIPPED = 100_000_000
_SKIP = """
SELECT setval(seqrelid, coalesce(pg_sequence_last_value(seqrelid), 0) + %s)
FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
WHERE relnamespace = 'public'::regnamespace AND seqtypid = 'bigint'::regtype
"""


class Command(BaseCommand):
    """Reads DATABASE_URL (owner), RUNTIME_DATABASE_URL and SCHEDULER_DATABASE_URL; prints nothing secret."""

    help = "Create the database roles, migrate, and put every tenant's rows behind row level security."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--restored",
            action="store_true",
            help="A backup was restored: give new rows numbers that nothing had since it was made.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in settings.DATABASES:
            raise CommandError("DATABASE_URL is not set: give the address of the role that owns the tables.")
        passwords = {}
        for alias, role in (("default", RUNTIME), ("scheduler", SCHEDULER)):
            if settings.DATABASES[alias]["USER"] != role:
                raise CommandError(f"The database address of “{alias}” must sign in as {role}.")
            passwords[role] = settings.DATABASES[alias]["PASSWORD"]
        create_roles(connections["owner"], passwords)
        # Once for the whole deployment: no process makes these checks when it starts.
        call_command("migrate", interactive=False, skip_checks=False, verbosity=options["verbosity"])
        if options["restored"]:
            _skip_numbers()


def _skip_numbers() -> None:
    """A run's number is in the keys of its calls and e-mails: under an old one, receivers would drop the new."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_SKIP, [SKIPPED])
