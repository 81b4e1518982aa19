"""Saying on a page what became of a call outside, with the answer that later steps are to see (RUN-05)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition

pytestmark = pytest.mark.requirement("RUN-05")
TELL = {"id": "tell", "act": "send_notification", "params": {"to": "team", "title": "Hello"}}


@pytest.fixture
def doubt(tenant, person) -> Effect:
    """A call of a failed run, of which nobody knows."""
    with tenant_scope(tenant.pk):
        run = run_app(person, create_app(person, definition([TELL])).pk)
        Execution.objects.filter(pk=run.pk).update(state="failed")
        call = {"path": "main/call", "action": "webhook", "state": Effect.State.UNKNOWN, "idem_key": "k1", "fence": 1}
        return Effect.objects.create(execution=run, **call)


@pytest.fixture
def settled(admin, doubt, tenant):
    """Press a button with something written; the answer, and the call as it is then."""

    def settle(outcome: str, written: str):
        answer = admin.post(f"/runs/{doubt.execution_id}/effects/{doubt.pk}/{outcome}/", {"result": written})
        with tenant_scope(tenant.pk):
            return answer, Effect.objects.get(pk=doubt.pk)

    return settle


@pytest.mark.parametrize("page", ["/runs/{run}/", "/approvals/"])
def test_wherever_a_call_is_settled_its_answer_can_be_written(admin, doubt, page):
    html = admin.get(page.format(run=doubt.execution_id)).content.decode()
    assert f'<label for="answer-{doubt.pk}">Its answer, for the steps after it</label>' in html


@pytest.mark.parametrize(
    ("written", "seen"), [('{"id": 17, "paid": "4.50"}', {"id": 17, "paid": "4.50"}), ("", {}), (" \r\n ", {})]
)
def test_what_is_written_is_what_later_steps_see(settled, written, seen):
    answer, call = settled("done", written)
    assert answer.status_code == 302
    assert (call.state, call.response) == ("done", seen)


def test_of_a_call_that_did_not_arrive_nothing_is_read(settled):
    answer, call = settled("failed", "{not even JSON")
    assert answer.status_code == 302
    assert (call.state, call.response) == ("failed", None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('{"id": 17', "The JSON is broken at line 1, column 10"),
        ('{"id": 1, "id": 2}', "id"),
        ("[17]", "This is JSON, but no object."),
        ("17", "Put it into an object"),
    ],
)
def test_what_is_no_json_object_is_said_beside_the_field_and_nothing_is_settled(settled, written, fault):
    answer, call = settled("done", written)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert fault in html.partition(f'id="answer-{call.pk}-fault">')[2].partition("</p>")[0]
    field = html.partition(f'id="answer-{call.pk}"')[2].partition("</textarea>")[0]
    assert 'aria-invalid="true"' in field
    assert field.endswith(written.replace('"', "&quot;"))
    assert (call.state, call.response) == ("unknown", None)
