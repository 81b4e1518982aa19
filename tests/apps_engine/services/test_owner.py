"""Whose connected accounts a run may use: its maker's, for what they wrote themselves (SEC-06)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from apps_engine.contracts import ActionContext, Call, LocalAction
from apps_engine.registry import registry
from apps_engine.services.apps import create_app, update_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import AccountsOfAnother
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.replays import replay_runs
from apps_engine.services.retries import retry_run, run_again
from apps_engine.services.runs import RunFilter, cancel_run, get_run, run_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.principal import ROLE_SCOPES, SCOPES, Principal
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("SEC-06")


class Nothing(BaseModel):
    """No parameters."""


class Look(LocalAction[Nothing]):
    """Notes whose accounts it could use."""

    name = "look"
    summary = "Look who owns the app"
    sentence = "looks"
    Params = Nothing
    writes = ("nothing",)

    def __init__(self) -> None:
        self.seen: list[int | None] = []

    def apply(self, batch: Sequence[Call[Nothing]], context: ActionContext) -> Sequence[Mapping[str, Any]]:
        self.seen.append(context.owner_id)
        return [{} for _ in batch]


LOOKING = definition([{"id": "look", "act": "look", "params": {}}])


@pytest.fixture
def look() -> Iterator[Look]:
    """The action, registered for one test."""
    action = Look()
    registry.add_actions([action])
    vars(registry).pop("catalogue", None)
    yield action
    del registry.actions[action.name]
    vars(registry).pop("catalogue", None)


@pytest.fixture
def colleague(tenant, make_person) -> Callable[[], Principal]:
    """An admin of the tenant, as one who is signed in."""

    def make() -> Principal:
        person = make_person(tenant, "admin")
        return Principal("user", person.pk, str(person), tenant.pk, ROLE_SCOPES["admin"], "admin")

    return make


def seen_in_a_run(tenant: Any, who: Principal, look: Look) -> int | None:
    with tenant_scope(tenant.pk):
        run = run_app(who, "An app").pk
    assert run_now(run) == "succeeded"
    return look.seen.pop()


def test_the_person_who_made_an_app_owns_it(tenant, colleague, look):
    maker = colleague()
    with tenant_scope(tenant.pk):
        app = create_app(maker, LOOKING)
        assert app.owner_id == maker.id
    assert seen_in_a_run(tenant, colleague(), look) == maker.id, "whoever starts it"


def test_what_a_key_or_the_platform_made_belongs_to_nobody(tenant, principal, look):
    with tenant_scope(tenant.pk):
        key, _ = create_key(principal, "Key", SCOPES)
        by_key = Principal("api_key", key.pk, "API key", tenant.pk, frozenset(SCOPES))
        assert create_app(by_key, LOOKING).owner_id is None
    assert seen_in_a_run(tenant, principal, look) is None


def test_a_definition_that_somebody_else_wrote_does_not_use_the_makers_accounts(tenant, colleague, look):
    maker, other = colleague(), colleague()
    with tenant_scope(tenant.pk):
        app = create_app(maker, LOOKING)
        update_app(other, app.pk, {**LOOKING, "description": "Sends it all to me."})
    assert seen_in_a_run(tenant, other, look) is None
    with tenant_scope(tenant.pk):
        update_app(maker, app.pk, LOOKING)
    assert seen_in_a_run(tenant, other, look) == maker.id, "until the maker has saved it"


def test_a_dry_run_has_the_owner_that_the_run_would_have(tenant, colleague, look):
    maker, other = colleague(), colleague()
    with tenant_scope(tenant.pk):
        app = create_app(maker, LOOKING)
        dry_run(other, app.pk)
        dry_run(other, LOOKING)
    assert look.seen == [maker.id, other.id], "a draft would be its author's"


@pytest.fixture
def mailbox_run(tenant, colleague, look) -> tuple[Principal, int, int]:
    """Who made an app that may use their mailbox, the app, and a run of it that they started and cancelled."""
    maker = colleague()
    with tenant_scope(tenant.pk):
        app = create_app(maker, {**LOOKING, "permissions": {"oauth": ["gmail"]}})
        run = run_app(maker, app.pk)
        cancel_run(maker, run.pk)
        return maker, app.pk, run.pk


def test_nobody_else_starts_an_app_on_its_owners_mailbox(tenant, colleague, principal, mailbox_run):
    _, app, run = mailbox_run
    again = RunFilter(states=("cancelled",))
    with tenant_scope(tenant.pk):
        for other in (colleague(), principal):
            for attempt in (
                lambda who: run_app(who, app),
                lambda who: retry_run(who, run),
                lambda who: run_again(who, run),
                lambda who: replay_runs(who, app, way="again", which=again),
            ):
                with pytest.raises(AccountsOfAnother, match="who alone starts it by hand"):
                    attempt(other)


def test_its_owner_starts_it_again(tenant, mailbox_run):
    maker, app, run = mailbox_run
    with tenant_scope(tenant.pk):
        assert run_again(maker, run).state == "queued"
        assert replay_runs(maker, app, way="again", which=RunFilter(states=("cancelled",))).queued == 1


def test_once_somebody_else_wrote_it_anybody_starts_it_for_it_reads_no_mail(tenant, colleague, mailbox_run):
    _, app, _ = mailbox_run
    other = colleague()
    with tenant_scope(tenant.pk):
        update_app(other, app, {**LOOKING, "permissions": {"oauth": ["gmail"]}})
        assert run_app(colleague(), app).state == "queued"


def test_what_was_found_in_a_mailbox_is_shown_to_its_owner_alone(tenant, colleague, principal, mailbox_run):
    maker, app, _ = mailbox_run
    with tenant_scope(tenant.pk):
        run = run_app(maker, app).pk
    run_now(run)
    with tenant_scope(tenant.pk):
        seen = run_as_dict(get_run(maker, run), maker)
        assert "withheld" not in seen
        assert seen["steps"][0]["input"]["action"] == "look"
        for other in (colleague(), principal):
            shown = run_as_dict(get_run(other, run), other)
            assert "who alone sees it" in shown["withheld"]
            assert (shown["steps"][0]["input"], shown["steps"][0]["output"], shown["result"]) == (None, None, None)
