"""A step that keeps the database busy ends, in a run and in a rehearsal, and nothing else suffers (SEC-03, RUN-02)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from django.db import connection
from pydantic import BaseModel

from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.engine import rehearsal
from apps_engine.services.runs import get_run, run_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.roles import MOST_SECONDS
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = [pytest.mark.requirement("SEC-03"), pytest.mark.requirement("RUN-02")]


class NothingParams(BaseModel):
    """Takes nothing."""


class Sleep(LocalAction[NothingParams]):
    """Keeps the database busy for longer than `limit` lets it, where there is one."""

    name = "sleep"
    summary = "Sleep"
    sentence = "sleeps"
    Params = NothingParams
    limit: ClassVar[str] = ""

    def apply(self, batch: Sequence[Call[NothingParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        with connection.cursor() as cursor:
            if self.limit:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [self.limit])
            cursor.execute("SELECT pg_sleep(30)")
        return [{} for _ in batch]


@pytest.fixture
def sleep() -> Iterator[Sleep]:
    action = Sleep()
    registry.add_actions([action])
    vars(registry).pop("catalogue", None)
    yield action
    del registry.actions["sleep"]
    vars(registry).pop("catalogue", None)


def steps(member: int, **more: Any) -> list[dict[str, Any]]:
    """Award XP, sleep, and award XP again."""
    award = {"act": "award_xp", "params": {"member_id": member, "amount": 5, "reason": "Thanks"}}
    sleeping = {"id": "sleep", "act": "sleep", "params": {}, **more}
    return [{"id": "before", **award}, sleeping, {"id": "after", **award}]


def test_no_statement_of_the_runtime_goes_on_for_ever():
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::integer / 1000 FROM pg_settings WHERE name = 'statement_timeout'")
        assert cursor.fetchone() == (MOST_SECONDS,)


def test_a_step_that_takes_the_database_too_long_fails_and_says_what_to_do(tenant, principal, members, sleep):
    sleep.limit = "50ms"
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition(steps(members[0].pk)))
        execution = run_app(principal, app.pk)
    assert run_now(execution.pk) == "failed"
    with tenant_scope(tenant.pk):
        run = get_run(principal, execution.pk)
        assert (run.error["code"], run.error["path"], run.error["retryable"]) == ("step_too_slow", "main/sleep", False)
        members[0].refresh_from_db()
        assert members[0].xp == 5


def test_where_the_step_may_fail_the_run_goes_on(tenant, principal, members, sleep):
    sleep.limit = "50ms"
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition(steps(members[0].pk, on_error="continue")))
        execution = run_app(principal, app.pk)
    assert run_now(execution.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        members[0].refresh_from_db()
        assert members[0].xp == 10


@pytest.mark.requirement("RUN-12")
def test_a_rehearsal_ends_in_the_middle_of_a_statement(tenant, principal, members, sleep, monkeypatch):
    monkeypatch.setattr(rehearsal, "MOST_SECONDS", 0.3)
    began = time.monotonic()
    with tenant_scope(tenant.pk):
        tried = dry_run(principal, definition(steps(members[0].pk)))
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("1min",)
    assert time.monotonic() - began < 10
    assert (tried.outcome.status, tried.outcome.error["code"]) == ("failed", "step_too_slow")
