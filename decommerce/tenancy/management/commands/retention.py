"""`manage.py retention`: delete what has been kept for long enough, or show what would go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.tenancy.alone import alone
from decommerce.tenancy.retention import Kept, Progress, RetentionRefused, due, forget, rules


class Command(BaseCommand):
    """What a task does every quarter of an hour, at once and without rests between the steps."""

    help = "Delete what has been kept for long enough (DECOMMERCE_RETENTION_DAYS); --show only counts it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kinds", nargs="*", help="only these kinds; without, all of them")
        parser.add_argument("--show", action="store_true", help="say how many rows would go, and delete none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show or delete, kind by kind."""
        try:
            known = {kept.rule.name: kept for kept in rules()}
        except RetentionRefused as refused:
            raise CommandError(f"{refused.message} {refused.hint}") from refused
        if unknown := [kind for kind in options["kinds"] if kind not in known]:
            raise CommandError(f"There is no kind “{unknown[0]}”. Kinds: {', '.join(known)}.")
        wanted = [known[kind] for kind in options["kinds"]] or list(known.values())
        if options["show"]:
            for kept in wanted:
                self.stdout.write(f"{_described(kept)}: {due(kept):,} would go")
            return
        with alone("retention") as free:
            if not free:
                raise CommandError("Another process is at it; this one leaves it to that.")
            for kept in wanted:
                self._forget(kept)

    def _forget(self, kept: Kept) -> None:
        def tell(progress: Progress) -> None:
            if self.stdout.isatty():
                self.stdout.write(f"\r{_described(kept)}: {progress.gone:,} gone of {progress.seen:,} seen", ending="")

        gone = forget(kept, tell, rest=0)
        self.stdout.write(f"{chr(13) if self.stdout.isatty() else ''}{_described(kept)}: {gone:,} gone")


def _described(kept: Kept) -> str:
    rule = kept.rule
    days = "for ever" if not rule.days else "1 day" if rule.days == 1 else f"{rule.days} days"
    return f"{rule.name} ({rule.what}, {days})"
