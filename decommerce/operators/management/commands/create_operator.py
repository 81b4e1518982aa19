"""`manage.py create_operator ADDRESS`: somebody who may sign in to the operators' pages; `--end` takes it back."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from decommerce.tenancy.models import Operator, User

OWNER = "owner"


class Command(BaseCommand):
    """Prints the first password, once, where the operator is a new person. Needs the owner's database address."""

    help = "Let somebody sign in to the operators' pages, or no longer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="ADDRESS")
        parser.add_argument("--name", default="", metavar="NAME")
        parser.add_argument("--end", action="store_true", help="they are an operator no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or unmake one."""
        if OWNER not in settings.DATABASES:
            raise CommandError("DATABASE_URL is not set: only the role that owns the tables makes operators.")
        email = options["email"].strip().lower()
        if options["end"]:
            ended, _ = Operator.objects.using(OWNER).filter(user__email=email).delete()
            self.stdout.write(f"{email} {'is an operator no longer' if ended else 'was none'}.")
            return
        self._make(email, options["name"])

    def _make(self, email: str, name: str) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{email}” is no e-mail address.") from error
        person = User.objects.using(OWNER).filter(email=email).first()
        if person is None:
            password = secrets.token_urlsafe(12)
            named = name or email.partition("@")[0]
            person = User.objects.db_manager(OWNER).create_user(email, password, display_name=named)
            self.stdout.write(f"Their password is {password} and is not shown again.")
        Operator.objects.using(OWNER).get_or_create(user=person)
        self.stdout.write(f"{email} is an operator: {settings.PUBLIC_URL.rstrip('/')}/operators/")
