"""Nothing changes that a person did not see and confirm, exactly, once, in time (CHT-03, SEC-06)."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from apps_engine.services.apps import get_app, pause_app, update_app
from apps_engine.services.errors import DefinitionRefused
from apps_engine.store.models import App, Execution
from chat.gate.decision import CallChanged, CallDecided, confirm, reject, supersede
from chat.gate.proposal import LIFETIME
from chat.model.port import ToolCall
from chat.models import CallState, Message, PendingCall
from chat.templatetags.chat_tags import outcome_link
from chat.toolbox import UnknownTool
from chat.turns.record import begin_answer, open_conversation
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import PermissionRefused
from mcp_gateway.tools import ArgumentsRefused
from tests.chat.definitions import digest
from tests.chat.proposals import proposed
from tests.meeting import meeting

pytestmark = [pytest.mark.requirement("CHT-03"), pytest.mark.requirement("SEC-06")]


@pytest.fixture
def answer(person, tenant) -> Message:
    with tenant_scope(tenant.pk):
        return begin_answer(open_conversation(person, "Make an app").pk)


@pytest.fixture
def call(person, tenant, answer) -> PendingCall:
    """A proposal to create an app."""
    with tenant_scope(tenant.pk):
        return proposed(person, answer, ToolCall("one", "create_app", {"definition": digest()}))


def names(tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(App.objects.values_list("name", flat=True))


def test_proposing_changes_nothing(call, tenant):
    assert names(tenant) == []
    assert call.state == CallState.PENDING
    assert timezone.now() < call.expires_at <= timezone.now() + LIFETIME


def test_the_card_says_in_words_what_would_happen(call):
    facts = {fact["label"]: fact["lines"] for fact in call.preview["facts"]}
    assert facts["When"] == ["Runs when an admin starts it."]
    assert "moderators" in " ".join(facts["What"])
    assert facts["Says"] == ["‹members› so far."]
    assert call.preview["definition"]["name"] == "Weekly digest"


def test_the_card_of_a_message_shows_to_whom_it_goes_however_long_it_is(person, tenant, answer):
    arguments = {"body": "Good news. " * 800, "title": "Ne\u202ews", "to": "everyone"}
    with tenant_scope(tenant.pk):
        card = proposed(person, answer, ToolCall("one", "send_notification", arguments)).preview
    (lines,) = [fact["lines"] for fact in card["facts"] if fact["label"] == "With"]
    assert lines[:2] == ["title: Ne�ws", "to: everyone"]
    assert "characters are not shown here" in lines[2]


def test_confirming_does_exactly_what_was_shown(call, person, tenant):
    with tenant_scope(tenant.pk):
        done = confirm(person, call.pk, call.digest)
        app = get_app(person, "Weekly digest")
        assert (done.state, done.outcome["value"]["id"]) == (CallState.EXECUTED, app.pk)
        assert Message.objects.get(pk=call.message_id).results["one"] == done.outcome
        assert AuditEntry.objects.filter(verb="call.confirmed", actor_id=person.id).count() == 1


def test_it_can_be_confirmed_once(call, person, tenant):
    with tenant_scope(tenant.pk):
        confirm(person, call.pk, call.digest)
    with tenant_scope(tenant.pk), pytest.raises(CallDecided):
        confirm(person, call.pk, call.digest)
    assert names(tenant) == ["Weekly digest"]


def test_a_rejected_call_cannot_be_confirmed(call, person, tenant):
    with tenant_scope(tenant.pk):
        assert reject(person, call.pk).state == CallState.REJECTED
    with tenant_scope(tenant.pk), pytest.raises(CallDecided):
        confirm(person, call.pk, call.digest)
    assert names(tenant) == []


def test_another_digest_is_refused(call, person, tenant):
    with tenant_scope(tenant.pk), pytest.raises(CallChanged):
        confirm(person, call.pk, "0" * 64)
    assert names(tenant) == []


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": {"definition": digest("Another app")}},
        {"tool": "delete_app"},
        {"app_id": 1},
        {"app_version": 2},
    ],
)
def test_what_was_changed_after_it_was_shown_is_refused(call, person, tenant, change):
    with tenant_scope(tenant.pk):
        PendingCall.objects.filter(pk=call.pk).update(**change)
    with tenant_scope(tenant.pk), pytest.raises(CallChanged):
        confirm(person, call.pk, call.digest)
    assert names(tenant) == []


def test_it_expires(call, person, tenant):
    with tenant_scope(tenant.pk):
        PendingCall.objects.filter(pk=call.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert confirm(person, call.pk, call.digest).state == CallState.EXPIRED
    assert names(tenant) == []


def test_nobody_else_confirms_it(call, tenant, make_person):
    colleague = principal_of(make_person(tenant, "owner"), tenant.pk)
    with tenant_scope(tenant.pk), pytest.raises(NotFound):
        confirm(colleague, call.pk, call.digest)
    assert names(tenant) == []


def test_two_who_confirm_at_once_make_one_app(call, person, tenant):
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press() -> None:
        try:
            barrier.wait(timeout=10)
            with tenant_scope(tenant.pk):
                outcomes.append(confirm(person, call.pk, call.digest).state)
        except CallDecided:
            outcomes.append("decided before")
        finally:
            connections.close_all()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for press_one in presses:
        press_one.start()
    for press_one in presses:
        press_one.join(timeout=30)
    assert sorted(outcomes) == ["decided before", CallState.EXECUTED]
    assert names(tenant) == ["Weekly digest"]


def test_an_app_that_changed_meanwhile_is_left_alone(person, tenant, answer, make_app):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("two", "delete_app", {"app": app_id}))
        update_app(person, app_id, {**digest(), "description": "Somebody else's change."})
    with tenant_scope(tenant.pk):
        done = confirm(person, call.pk, call.digest)
        assert (done.state, done.outcome["value"]["code"]) == (CallState.FAILED, "version_conflict")
        assert get_app(person, app_id).status == "active"


def test_an_app_is_bound_by_its_number_not_by_its_name(person, tenant, answer, make_app):
    app_id = make_app("First")
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("three", "pause_app", {"app": "First"}))
        assert call.arguments["app"] == app_id


def test_what_fails_leaves_nothing_behind_and_is_told(call, person, tenant, make_app):
    make_app("Weekly digest")
    with tenant_scope(tenant.pk):
        done = confirm(person, call.pk, call.digest)
        assert (done.state, done.outcome["value"]["code"]) == (CallState.FAILED, "name_taken")
    assert names(tenant) == ["Weekly digest"]


def test_a_role_that_was_lost_meanwhile_confirms_nothing(call, person, tenant, make_person):
    reader = make_person(tenant, "moderator")
    with tenant_scope(tenant.pk):
        PendingCall.objects.filter(pk=call.pk).update(user_id=reader.pk)
    demoted = principal_of(reader, tenant.pk)
    with tenant_scope(tenant.pk), pytest.raises(CallChanged):
        confirm(demoted, call.pk, call.digest)
    with tenant_scope(tenant.pk), pytest.raises((UnknownTool, PermissionRefused)):
        proposed(demoted, call.message, ToolCall("four", "create_app", {"definition": digest()}))


def test_a_confirmed_change_and_one_by_hand_do_not_wait_for_each_other(
    person, tenant, answer, make_app, owner_connection
):
    app_id, other = make_app(), make_app("Another")
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("one", "pause_app", {"app": app_id}))
    by_hand = partial(pause_app, person, other), partial(pause_app, person, app_id)
    meeting(tenant, owner_connection, by_hand[0], partial(confirm, person, call.pk, call.digest), by_hand[1])
    with tenant_scope(tenant.pk):
        assert PendingCall.objects.get().state == CallState.EXECUTED


def test_a_faulty_definition_is_not_even_shown(person, tenant, answer):
    with tenant_scope(tenant.pk), pytest.raises(DefinitionRefused):
        proposed(person, answer, ToolCall("five", "create_app", {"definition": {**digest(), "triggers": []}}))


@pytest.mark.parametrize("arguments", [{}, {"definition": 3}, {"definition": digest(), "tenant": 1}])
def test_arguments_that_the_tool_does_not_take_are_not_shown(person, tenant, answer, arguments):
    with tenant_scope(tenant.pk), pytest.raises(ArgumentsRefused):
        proposed(person, answer, ToolCall("six", "create_app", arguments))


def test_what_was_proposed_before_a_new_message_is_off_the_table(call, person, tenant):
    with tenant_scope(tenant.pk):
        assert supersede(call.message.conversation) == [call.message_id]
    with tenant_scope(tenant.pk), pytest.raises(CallDecided):
        confirm(person, call.pk, call.digest)


def test_decimals_survive_from_the_proposal_to_the_app(person, tenant, answer):
    exact = digest()
    exact["flows"]["main"]["steps"][0] = {
        "id": "members",
        "fetch": "shopify_orders",
        "where": {"total_price": {"gt": 19.99}},
        "fields": ["id"],
    }
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("seven", "create_app", {"definition": exact}))
    with tenant_scope(tenant.pk):
        done = confirm(person, PendingCall.objects.get(pk=call.pk).pk, call.digest)
        assert done.state == CallState.EXECUTED
        stored = get_app(person, "Weekly digest").versions.get().definition
    assert str(stored["flows"]["main"]["steps"][0]["where"]["total_price"]["gt"]) == "19.99"


def test_a_paused_app_can_be_resumed_through_the_gate(person, tenant, answer, make_app):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        pause_app(person, app_id)
        call = proposed(person, answer, ToolCall("eight", "resume_app", {"app": app_id}))
    with tenant_scope(tenant.pk):
        assert confirm(person, call.pk, call.digest).state == CallState.EXECUTED
        assert get_app(person, app_id).status == "active"


@pytest.mark.parametrize(
    ("tool", "leads_to"),
    [("pause_app", "/apps/{app}/"), ("run_app", "/runs/{run}/"), ("delete_app", None)],
)
def test_a_confirmed_call_leads_to_what_it_changed(person, tenant, answer, make_app, tool, leads_to):
    app_id = make_app()
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("nine", tool, {"app": app_id}))
    with tenant_scope(tenant.pk):
        done = confirm(person, call.pk, call.digest)
        link = outcome_link(done)
        run = Execution.objects.order_by("-pk").values_list("pk", flat=True).first()
    assert (link and link.address) == (leads_to and leads_to.format(app=app_id, run=run))


def test_the_card_tells_what_would_happen_today_and_nothing_of_it_happens(person, tenant, answer):
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("one", "create_app", {"definition": digest()}))
        (today,) = (fact["lines"] for fact in call.preview["facts"] if fact["label"] == "Today")
        assert today == ["Sends notifications, 1 time: moderators: “Members” (left out: nobody)"]
        assert not Execution.objects.exists()
        assert not Notification.objects.exists()


def test_the_card_of_a_change_tells_what_becomes_different(person, tenant, answer, make_app):
    app = make_app()
    changed = {**digest(), "triggers": [{"id": "monday", "type": "scheduled", "cron": "0 9 * * 1", "flow": "main"}]}
    with tenant_scope(tenant.pk):
        call = proposed(person, answer, ToolCall("one", "update_app", {"app": app, "definition": changed}))
    (changes,) = (fact["lines"] for fact in call.preview["facts"] if fact["label"] == "Changes")
    assert "No longer: Runs when an admin starts it." in changes
    assert any(line.startswith("Now: ") and "Monday" in line for line in changes)


def test_why_it_was_rejected_is_told_to_the_model(person, tenant, call):
    with tenant_scope(tenant.pk):
        decided = reject(person, call.pk, "  On Fridays, please.  ")
        assert Message.objects.get(pk=call.message_id).results["one"]["value"]["reason"] == "On Fridays, please."
    assert decided.state == CallState.REJECTED
