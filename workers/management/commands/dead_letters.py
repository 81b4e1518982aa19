"""`manage.py dead_letters`: messages on the events queue that were no events."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps_engine.language.instants import format_instant
from apps_engine.language.jsontext import dumps
from apps_engine.services.dead_letters import drop_letters, list_letters, requeue_letters
from decommerce.tenancy.errors import PlatformError

SHOWN = 400


class Command(BaseCommand):
    """For operators only: a letter may hold anybody's data."""

    help = "Messages on the events queue that were no events: list them, put them back, throw them away."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="list|requeue|drop")
        listed = deeds.add_parser("list", help="the latest, each with the reason")
        listed.add_argument("--code", default="", help="only with this reason's code")
        listed.add_argument("--limit", type=int, default=20, help="how many at most")
        listed.add_argument("--full", action="store_true", help=f"whole bodies, not their first {SHOWN} characters")
        for name, help_text in (("requeue", "take them in anew"), ("drop", "throw them away")):
            deeds.add_parser(name, help=help_text).add_argument("numbers", type=int, nargs="+")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the three."""
        if options["deed"] == "list":
            self._list(options)
        elif options["deed"] == "drop":
            self.stdout.write(f"{drop_letters(options['numbers'])} dropped")
        else:
            self._requeue(options["numbers"])

    def _list(self, options: dict[str, Any]) -> None:
        letters = list_letters(code=options["code"], limit=options["limit"])
        documents = [
            {
                "number": letter.pk,
                "code": letter.code,
                "reason": letter.reason,
                "received_at": format_instant(letter.received_at),
                "times": letter.times,
                "last_at": format_instant(letter.last_at or letter.received_at),
                "content_type": letter.content_type,
                "body": letter.body if options["full"] else letter.body[:SHOWN],
            }
            for letter in letters
        ]
        self.stdout.write(dumps(documents, indent=2))

    def _requeue(self, numbers: list[int]) -> None:
        try:
            outcome = requeue_letters(numbers)
        except PlatformError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        told = f"{outcome.accepted} accepted, {outcome.duplicates} duplicates, {outcome.dead} still no event"
        self.stdout.write(told)
        if outcome.dead:
            raise CommandError("Some still are no events: list them for the reason.")
