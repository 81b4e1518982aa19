"""A community on which a ready-made app plays, without worker processes and with everything else real.

How to write the test of a starter, `tests/starters/test_<slug with underscores>.py`:

    def test_who_gets_the_digest(stage, people):             # a made community: small and exact
        ada, ben = people("Ada", "Ben")
        app = stage.create("weekly-digest", posts=3)         # parameters over the defaults
        stage.fire(app)                                      # its schedule is due; ticks, runs, and all that follows
        assert stage.mails(app) == [...]                     # effects are read from the tables

    def test_on_the_imported_community(stage, dump):         # the Stack Exchange site and the shop: tests/imported.py
        app = stage.create("weekly-digest")
        stage.fire(app)
        expected = {row["DisplayName"] for row in dump.users() if dump.age(row["LastAccessDate"]) < timedelta(days=90)}
        assert {mail.member.display_name for mail in stage.mails(app)} == expected
        stage.tell(app, f"wrote to {len(expected)} members")     # the line of this app in the report

What is expected is worked out another way than the engine's: from the made data by hand, from the files in plain
Python. Never by a fetch, a filter or a template.

- `create(slug, **parameters)` makes the app; `fire(app)` lets its schedule be due; `run(app)` runs it by hand.
- For apps that wait for events, change the community through its services inside `with stage.community():` and call
  `stage.work()`: it takes in the events of that change, runs what they start, and what those runs cause, until nothing
  is left to do. Every run has to succeed; `runs(app)` gives them.
- `pass_time(days=3)` makes every row of the community three days older, so that delays become due and people inactive;
  then `stage.work()`. (`now` itself stays: a key such as "%G-W%V" is that of this week.)
- `mails`, `notifications`, `posts`, `xp`, `flags` give the effects of apps, in the order in which they happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField

from apps_engine.language.cron import next_fires
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.runs import run_app
from apps_engine.services.starters import ORIGIN, create_app_from
from apps_engine.services.tick import tick
from apps_engine.store.claims import claim
from apps_engine.store.models import App, AppVersion, Execution, Schedule
from decommerce.community.models import Flag, Notification, OutboundMessage, OutboxEvent, Post, XpEntry
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.isolation import tenant_models
from decommerce.tenancy.models import Tenant, TenantModel
from decommerce.tenancy.principal import system_principal
from tests.starters.report import note

MOST_ROUNDS = 200
LONGEST_WAIT_FOR_A_FIRE = timedelta(days=40)


@dataclass(frozen=True)
class Stage:
    """One tenant's community, and the apps made on it."""

    tenant: Tenant
    owner_connection: Any

    @contextmanager
    def community(self) -> Iterator[None]:
        """The tenant's scope: look at its rows, or change them through its services."""
        with tenant_scope(self.tenant.pk):
            yield

    def create(self, slug: str, **parameters: Any) -> App:
        """An active app from a starter."""
        with self.community():
            return create_app_from(system_principal(self.tenant.pk, "the test"), slug, parameters)

    def fire(self, app: App) -> list[Execution]:
        """Let the app's schedules be due just now, as if nobody had ticked since; returns the runs that followed."""
        with self.community():
            for schedule in Schedule.objects.filter(app=app):
                schedule.next_fire_at = _latest_fire(schedule)
                # However long ago that was: what is tested is the app, not how late it may be.
                schedule.catch_up_seconds = int(LONGEST_WAIT_FOR_A_FIRE.total_seconds())
                schedule.save()
        before = {run.pk for run in self.runs(app)}
        tick()
        self.work()
        return [run for run in self.runs(app) if run.pk not in before]

    def run(self, app: App, **inputs: Any) -> Execution:
        """Run the app by hand, with all that follows from it."""
        with self.community():
            queued = run_app(system_principal(self.tenant.pk, "the test"), app.pk, inputs)
        self.work()
        with self.community():
            return Execution.objects.get(pk=queued.pk)

    def work(self) -> None:
        """Take in every event and run everything that is due, until nothing is left; every run has to succeed."""
        for _ in range(MOST_ROUNDS):
            with self.community():
                envelopes = [row.envelope for row in OutboxEvent.objects.order_by("pk")]
                due = Execution.objects.filter(state=Execution.State.QUEUED, run_at__lte=datetime.now(UTC))
                ids = list(due.order_by("run_at", "pk").values_list("pk", flat=True))
            if not envelopes and not ids:
                return
            if envelopes:
                ingest(envelopes)
            # A run that waits for another of its key comes in a later round.
            for claimed in claim("the stage", len(ids), ids) if ids else ():
                execute(claimed)
                with self.community():
                    run = Execution.objects.get(pk=claimed.id)
                # One that waits is queued for later; so is one that failed and is tried again, with its error.
                assert run.state in {"succeeded", "skipped", "queued"}, (run.state, run.error)
                assert run.error is None, run.error
        raise AssertionError(f"The community does not come to rest within {MOST_ROUNDS} rounds.")

    def pass_time(self, **length: float) -> None:
        """Make everything of the community older, as if that much time had passed: `pass_time(days=3)`."""
        self.age(tenant_models(), timedelta(**length))

    def age(self, models: Iterable[type[TenantModel]], passed: timedelta) -> None:
        """The same for the rows of some models."""
        for model in models:
            columns = [field.column for field in model._meta.concrete_fields if isinstance(field, DateTimeField)]
            if columns:
                self._age(model, columns, passed)

    def _age(self, model: type[TenantModel], columns: list[str], passed: timedelta) -> None:
        table, owner = model._meta.db_table, self.owner_connection
        shifts = ", ".join(f"{column} = {column} - %(passed)s" for column in columns)
        with owner.transaction():
            if model.append_only:
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            statement = f"UPDATE {table} SET {shifts} WHERE tenant_id = %(tenant)s"
            owner.execute(statement, {"passed": passed, "tenant": self.tenant.pk})
            if model.append_only:
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def runs(self, app: App) -> list[Execution]:
        """The app's runs, oldest first."""
        with self.community():
            return list(Execution.objects.filter(app=app).order_by("pk"))

    def mails(self, app: App | None = None) -> list[OutboundMessage]:
        """The e-mails that apps wrote."""
        return self._effects(OutboundMessage, app, "member", channel="email")

    def notifications(self, app: App | None = None) -> list[Notification]:
        """What apps told members."""
        return self._effects(Notification, app, "member")

    def posts(self, app: App | None = None) -> list[Post]:
        """What apps posted."""
        return self._effects(Post, app, "author", "room")

    def xp(self, app: App | None = None) -> list[XpEntry]:
        """The XP that apps booked."""
        return self._effects(XpEntry, app, "member")

    def flags(self, app: App | None = None) -> list[Flag]:
        """The flags that apps raised."""
        return self._effects(Flag, app, "post")

    def tell(self, app: App, line: str) -> None:
        """What the app did, in words for people: the report of the test run has it."""
        with self.community():
            tags = AppVersion.objects.get(app=app, number=app.version_number).definition["tags"]
        slug = next(tag.removeprefix(ORIGIN) for tag in tags if tag.startswith(ORIGIN))
        note(slug, line)

    def _effects(self, model: Any, app: App | None, *related: str, **conditions: Any) -> list[Any]:
        by = {"app_id__isnull": False} if app is None else {"app_id": app.pk}
        with self.community():
            return list(model.objects.select_related(*related).filter(**by, **conditions).order_by("pk"))


def _latest_fire(schedule: Schedule) -> datetime:
    """The last time before now at which the schedule would have fired."""
    now = datetime.now(UTC)
    for days in (1, 8, LONGEST_WAIT_FOR_A_FIRE.days):
        fires = next_fires(schedule.cron, schedule.timezone, now - timedelta(days=days), 2000)
        past = [fire for fire in fires if fire <= now]
        if past:
            return past[-1]
    raise AssertionError(f"{schedule.cron} did not fire in {LONGEST_WAIT_FOR_A_FIRE.days} days.")
