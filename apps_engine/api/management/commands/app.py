"""`manage.py app VERB`: apps from the shell. JSON on standard output; exit status 1 for a refusal, 2 for usage."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps_engine.api.shell import VERBS
from apps_engine.api.shell_arguments import declare
from apps_engine.api.shell_logs import LOG_VERBS
from apps_engine.api.shell_runs import RUN_VERBS
from apps_engine.api.shell_webhooks import WEBHOOK_VERBS
from apps_engine.language.errors import LanguageError
from apps_engine.language.jsontext import dumps
from decommerce.tenancy.errors import PlatformError

ALL_VERBS = {**VERBS, **RUN_VERBS, **LOG_VERBS, **WEBHOOK_VERBS}


class Command(BaseCommand):
    """Validate, create, change, try, run, list, pause, resume and delete apps."""

    help = "Apps from the shell, for people who keep definitions in git. Prints JSON."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for name, verb in ALL_VERBS.items():
            declare(verbs.add_parser(name, help=verb.summary, description=verb.summary), verb.arguments)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one verb."""
        try:
            outcome = ALL_VERBS[options["verb"]].run(options)
        except PlatformError as error:
            if "problems" in (document := error.as_dict()):
                self._print(document)
            raise CommandError(f"{error.message} {error.hint}".rstrip()) from error
        except LanguageError as error:
            raise CommandError(str(error)) from error
        self._print(outcome.document)
        if outcome.complaint:
            raise CommandError(outcome.complaint)

    def _print(self, document: Any) -> None:
        self.stdout.write(dumps(document, indent=2))
