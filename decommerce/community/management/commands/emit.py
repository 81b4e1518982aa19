"""`manage.py emit EVENT --tenant SLUG --data JSON`: an event as if the platform had emitted it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from decommerce.community import exact_json
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.management.tenants import tenant_named
from decommerce.community.models import OutboxEvent
from decommerce.community.outbox import check_payload, emit
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import system_principal


class Command(BaseCommand):
    """Checks the data against the catalogue and goes through the outbox, like every event."""

    # The checks load every page, which takes longer than the event.
    requires_system_checks: list[str] = []

    help = "Emit a platform event. --list shows the events, --sample an example of one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", nargs="?", metavar="EVENT", help="its name, e.g. post.created")
        parser.add_argument("--tenant", metavar="SLUG", help="in whose community it happens")
        parser.add_argument("--data", metavar="JSON", help="its data: JSON, or @ and the name of a file with JSON")
        parser.add_argument("--list", action="store_true", help="show every event")
        parser.add_argument("--sample", action="store_true", help="show an example of the event's data")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for event in EVENTS.values():
                self.stdout.write(f"{event.name:<22} when {event.summary}")
            return
        if options["event"] is None:
            raise CommandError("Name an event; --list shows them.")
        if options["sample"]:
            self._show_sample(options["event"])
            return
        if options["tenant"] is None or options["data"] is None:
            raise CommandError("Give --tenant and --data; --sample shows what the data looks like.")
        self._emit(options["event"], options["tenant"], _data(options["data"]))

    def _show_sample(self, name: str) -> None:
        if name not in EVENTS:
            raise CommandError(f"There is no event “{name}”; --list shows them.")
        self.stdout.write(exact_json.dumps(EVENTS[name].sample))

    def _emit(self, name: str, slug: str, data: Any) -> None:
        tenant = tenant_named(slug)
        cause = Cause(system_principal(tenant.pk, "manage.py emit"))
        try:
            check_payload(name, data)
            with tenant_scope(tenant.pk), caused_by(cause):
                event_id = emit(name, data)
        except PlatformError as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from error
        with tenant_scope(tenant.pk):
            waits = OutboxEvent.objects.filter(event_id=event_id, published_at=None).exists()
        where = "waits in the outbox: the queue does not answer" if waits else "is on the queue"
        self.stdout.write(f"{name} {event_id} {where}")


def _data(text: str) -> Any:
    try:
        source = Path(text[1:]).read_text() if text.startswith("@") else text
        return exact_json.storable(exact_json.loads(source))
    except OSError as error:
        raise CommandError(f"{text[1:]} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"The data is not JSON: {error}.") from error
