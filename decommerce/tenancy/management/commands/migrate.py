"""`manage.py migrate` as the owner of the tables, followed by the isolation of every tenant's rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from decommerce.tenancy.isolation import isolate


class Command(DjangoMigrate):
    """Migrates through the alias `owner`: the runtime's role owns nothing."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        isolate(connections[options["database"]])
