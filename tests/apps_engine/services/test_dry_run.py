"""A dry run is the real engine on real data with nothing done (RUN-12)."""

from __future__ import annotations

import json

import pytest

from apps_engine.language.jsontext import dumps
from apps_engine.services.apps import create_app
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import DefinitionRefused, TooManyRehearsals
from apps_engine.store.models import App, Effect, Execution, StepResult
from apps_engine.store.rehearsals import MOST_AT_ONCE
from decommerce.community.models import Member, Notification, OutboundMessage, OutboxEvent, XpEntry
from decommerce.outgoing.allowlist import allow_domain
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition, flagging, rewarding

pytestmark = pytest.mark.requirement("RUN-12")


def test_it_shows_every_effect_and_leaves_no_trace(tenant, principal, members):
    with tenant_scope(tenant.pk):
        OutboxEvent.objects.all().delete()
        rehearsal = dry_run(principal, rewarding(once_per="thanks:{{ member.id }}")).as_dict()
    assert rehearsal["test"] is True
    assert rehearsal["status"] == "succeeded"
    assert rehearsal["counts"] == {"award_xp": 3}
    assert [effect["params"]["member_id"] for effect in rehearsal["effects"]] == [member.pk for member in members]
    assert rehearsal["steps"][0]["path"] == "main/members"
    with tenant_scope(tenant.pk):
        assert set(Member.objects.values_list("xp", flat=True)) == {0}
        for model in (XpEntry, Notification, OutboundMessage, OutboxEvent, Effect, Execution, StepResult, App):
            assert not model.objects.exists(), model.__name__


def test_its_result_is_json(tenant, principal, members):
    with tenant_scope(tenant.pk):
        text = dumps(dry_run(principal, rewarding()).as_dict())
    assert json.loads(text)["would_run"] is True


def test_an_event_that_the_filter_keeps_out_would_not_run_and_says_which_clause(scope, principal):
    event = {"post": {"id": 1, "body_length": 200}}
    rehearsal = dry_run(principal, flagging(), event=event).as_dict()
    assert rehearsal["would_run"] is False
    assert rehearsal["failed_clause"]["actual"] == 200


def test_a_webhook_is_checked_and_shown_but_not_sent(scope, principal):
    hook = {"id": "hook", "act": "webhook", "params": {"url": "https://hooks.example.com/in", "body": {"n": 1}}}
    hooking = definition([hook], permissions={"domains": ["hooks.example.com"]})
    refused = dry_run(principal, hooking).as_dict()
    assert refused["error"]["code"] == "outgoing_domain_refused"
    allow_domain(principal, "hooks.example.com")
    (effect,) = dry_run(principal, hooking).as_dict()["effects"]
    assert effect["sent_outside"] is True
    assert effect["params"]["body"] == {"n": 1}
    assert not Effect.objects.exists()


def test_a_definition_with_faults_is_refused(scope, principal):
    with pytest.raises(DefinitionRefused):
        dry_run(principal, {"name": "Nothing"})


def test_a_stored_app_can_be_rehearsed_by_its_number(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        assert dry_run(principal, app.pk).as_dict()["counts"] == {"award_xp": 3}
        assert not Execution.objects.exists()


@pytest.mark.requirement("SEC-03")
def test_an_endless_rehearsal_ends_in_time_and_shows_the_first_effects(scope, principal):
    tell = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "Row {{ inner }}"}}
    loop = {"id": "inner", "each": "{{ inputs.rows }}", "as": "inner", "steps": [tell]}
    endless = definition(
        [{"id": "outer", "each": "{{ inputs.rows }}", "as": "outer", "steps": [loop]}],
        inputs={"type": "object", "properties": {"rows": {"type": "array", "default": list(range(1000))}}},
    )
    rehearsal = dry_run(principal, endless, most_seconds=1).as_dict()
    assert rehearsal["error"]["code"] == "limit_seconds"
    assert len(rehearsal["effects"]) == 200 < rehearsal["counts"]["send_notification"] < 1_000_000


@pytest.mark.requirement("SEC-03")
def test_only_so_many_are_under_way_at_once_in_one_community(tenant, other_tenant, principal, owner_connection):
    other = system_principal(other_tenant.pk, "the test")
    places = [(f"rehearsals of {tenant.pk}", place) for place in range(MOST_AT_ONCE)]
    for taken in places:
        owner_connection.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", taken)
    with tenant_scope(tenant.pk), pytest.raises(TooManyRehearsals) as refused:
        dry_run(principal, rewarding())
    assert (refused.value.status, refused.value.retryable) == (429, True)
    with tenant_scope(other_tenant.pk):
        assert dry_run(other, rewarding()).would_run
    owner_connection.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", places[2])
    with tenant_scope(tenant.pk):
        # Each gives its place back when it has ended.
        assert all(dry_run(principal, rewarding()).would_run for _ in range(2))
    owner_connection.execute("SELECT pg_advisory_unlock_all()")
