"""What waits for a person stands on one page, and is decided from there (CHT-03)."""

from __future__ import annotations

import pytest

from apps_engine.store.models import App, Effect, Execution
from chat.gate.decision import confirm
from chat.model.port import ToolCall
from chat.models import PendingCall
from chat.turns.record import begin_answer, open_conversation
from decommerce.tenancy.context import tenant_scope
from tests.chat.definitions import digest
from tests.chat.proposals import proposed
from tests.chat.test_settings_pages import words

pytestmark = pytest.mark.requirement("CHT-03")


@pytest.fixture
def proposal(tenant, person) -> PendingCall:
    """An app that was proposed to the owner."""
    with tenant_scope(tenant.pk):
        answer = begin_answer(open_conversation(person, "A digest, please").pk)
        return proposed(person, answer, ToolCall("1", "create_app", {"definition": digest("Friday digest")}))


@pytest.fixture
def doubt(tenant, make_app, run_to_its_end) -> Effect:
    """A call outside of a run, of which nobody knows."""
    run = run_to_its_end(make_app("Caller"))
    with tenant_scope(tenant.pk):
        execution = Execution.objects.get(pk=run)
        return Effect.objects.create(
            execution=execution,
            path="main/1",
            action="webhook",
            idem_key=f"test:{run}",
            fence=1,
            state=Effect.State.UNKNOWN,
        )


def test_with_nothing_to_decide_it_says_what_would_come_here(admin):
    html = words(admin.get("/approvals/"))
    assert "Nothing waits for you" in html
    assert "Ask for a change" in html


def test_a_proposal_stands_there_with_the_gates_own_buttons_until_it_is_decided(admin, proposal, person, tenant):
    html = words(admin.get("/approvals/"))
    assert "Friday digest" in html
    assert f'action="/chat/calls/{proposal.pk}/confirm/"' in html
    assert f'action="/chat/calls/{proposal.pk}/reject/"' in html
    assert proposal.digest in html
    with tenant_scope(tenant.pk):
        confirm(person, proposal.pk, proposal.digest)
    assert "Nothing waits for you" in words(admin.get("/approvals/"))


def test_a_call_in_doubt_is_settled_from_the_page(admin, doubt, tenant):
    assert doubt.idem_key in words(admin.get("/approvals/"))
    assert 'href="/approvals/"' in words(admin.get("/home/"))
    answer = admin.post(f"/runs/{doubt.execution_id}/effects/{doubt.pk}/done/")
    assert answer.status_code == 302
    assert doubt.idem_key not in words(admin.get("/approvals/"))
    with tenant_scope(tenant.pk):
        assert Effect.objects.get(pk=doubt.pk).state == "done"


def test_an_app_that_was_stopped_is_resumed_from_the_page(admin, make_app, tenant):
    app_id = make_app("Broken")
    with tenant_scope(tenant.pk):
        App.objects.filter(pk=app_id).update(status="error", status_reason="It failed ten times in a row.")
    assert "It failed ten times in a row." in words(admin.get("/approvals/"))
    admin.post(f"/apps/{app_id}/resume/")
    assert "Broken" not in words(admin.get("/approvals/"))


@pytest.mark.requirement("SEC-01")
def test_others_see_none_of_it(signed_in, make_person, tenant, other_tenant, proposal, doubt):
    rival = words(signed_in(make_person(other_tenant, "owner")).get("/approvals/"))
    assert "Nothing waits for you" in rival
    # What was proposed to one person is theirs alone; a call of an app is the team's.
    colleague = words(signed_in(make_person(tenant, "admin")).get("/approvals/"))
    assert ("Friday digest" in colleague, doubt.idem_key in colleague) == (False, True)
    assert signed_in(make_person(tenant, "member")).get("/approvals/").status_code == 403
