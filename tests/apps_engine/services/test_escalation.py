"""What a person gets when a run fails for good: the app's own words (RUN-11)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.registry import registry
from apps_engine.runtime.escalation import CLASSES
from apps_engine.services.apps import create_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.quotas import CODES
from apps_engine.services.runs import get_run, run_app
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("RUN-11")

HALF = "Half of it is done; I have told the team."


def failing(retryable: bool) -> dict[str, Any]:
    """Tells everyone, and then fails."""
    steps = [
        {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "Begun"}},
        {"id": "fail", "act": "fail", "params": {"retryable": retryable}},
    ]
    return definition(steps, escalation={"on_partial_failure": HALF}, settings={"retry": {"max_attempts": 2}})


# Codes that only an app's own conversation, or an action to come, gives.
TO_COME = {"empty_result", "ambiguous_input"}


def test_every_code_of_the_table_is_the_code_of_some_error():
    """The registry has loaded every action and what it uses."""
    assert registry.actions
    found, pending = {*TO_COME, *CODES.values()}, [PlatformError]
    while pending:
        kind = pending.pop()
        found.add(kind.code)
        pending += kind.__subclasses__()
    assert set(CLASSES) <= found


@pytest.fixture
def shown(tenant, principal, members, plugins):
    """Run a definition and show the run."""

    def show(source: dict[str, Any], run: int | None = None) -> dict[str, Any]:
        with tenant_scope(tenant.pk):
            number = run or run_app(principal, create_app(principal, source).pk).pk
        run_now(number)
        with tenant_scope(tenant.pk):
            return run_as_dict(get_run(principal, number), principal)

    return show


def test_the_apps_own_words_are_the_response_and_the_error_stays_to_be_read(shown):
    run = shown(failing(retryable=False))
    rule = {"key": "on_partial_failure", "text": HALF}
    assert run["state"] == "failed"
    assert run["result"] == {"template": HALF, "ui": [], "escalation": rule}
    assert (run["error"]["code"], run["error"]["escalation"]) == ("never_works", rule)


def test_while_it_is_tried_again_nothing_is_said(shown, owner_connection):
    run = shown(failing(retryable=True))
    assert (run["state"], run["result"]) == ("queued", None)
    assert "escalation" not in run["error"]
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [run["id"]])
    assert shown({}, run["id"])["result"]["template"] == HALF


@pytest.mark.requirement("RUN-12")
def test_a_dry_run_shows_what_a_person_would_be_told(tenant, principal, members, plugins):
    with tenant_scope(tenant.pk):
        told = dry_run(principal, failing(retryable=False)).as_dict()
    assert (told["result"]["template"], told["error"]["escalation"]["key"]) == (HALF, "on_partial_failure")


def test_the_admins_are_told_the_error_itself(tenant, principal, make_admin, shown):
    admin = make_admin(tenant)
    shown(failing(retryable=False))
    with tenant_scope(tenant.pk):
        note = Notification.objects.get(member_id=admin.pk, title__endswith="failed")
    assert "This never works." in note.body
