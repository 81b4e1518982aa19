"""Running an app by hand: the form of its inputs, what would happen, and the run (APP-04, TRG-03)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.quotas import EXECUTIONS, set_quota
from apps_engine.services.runs import get_run
from apps_engine.services.starters import create_app_from
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition

TELL = {
    "id": "tell",
    "act": "send_notification",
    "params": {"to": "team", "title": "{{ inputs.days }} {{ inputs.who }}"},
}
INPUTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "days": {"type": "integer", "minimum": 1, "maximum": 30, "default": 7, "title": "How many days"},
        "who": {"type": "string", "description": "Whose turn it is."},
        "kind": {"enum": ["short", "long"], "default": "long"},
        "names": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "loud": {"type": "boolean"},
        "extra": {"type": "object"},
    },
    "required": ["who"],
}
WRITTEN = {
    "p-days": "3",
    "p-who": " Ada ",
    "p-kind": '"short"',
    "p-names": "Ben\nCleo\n",
    "p-loud": "on",
    "p-extra": '{"a": 1.50}',
}


@pytest.fixture
def app_id(tenant, person) -> int:
    """An app that asks for inputs."""
    with tenant_scope(tenant.pk):
        return create_app(person, definition([TELL], inputs=INPUTS)).pk


def words(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.mark.requirement("TRG-03")
def test_the_form_has_a_field_for_each_input_with_its_words_bounds_and_default(admin, app_id):
    html = words(admin.get(f"/apps/{app_id}/run/"))
    said = (
        "How many days",
        'value="7"',
        "1 to 30.",
        "Whose turn it is.",
        "(needed)",
        "One a line.",
        "Written as JSON.",
    )
    for part in said:
        assert part in html
    assert '<option value=""long"" selected>long</option>' in html
    assert "Sends notifications" in html


@pytest.mark.requirement("TRG-03")
def test_a_text_in_a_format_has_the_field_of_its_kind_and_is_held_to_it(admin, person, tenant):
    formats = {"when": ("date", "date"), "mail": ("email", "email"), "page": ("uri", "url"), "at": ("time", "text")}
    inputs = {
        "type": "object",
        "properties": {name: {"type": "string", "format": form} for name, (form, _) in formats.items()},
    }
    tell = {"id": "tell", "act": "send_notification", "params": {"to": "team", "title": "Hello"}}
    with tenant_scope(tenant.pk):
        app_id = create_app(person, definition([tell], inputs=inputs)).pk
    html = words(admin.get(f"/apps/{app_id}/run/"))
    for name, (_, kind) in formats.items():
        assert f'type="{kind}" id="p-{name}"' in html
    refused = admin.post(f"/apps/{app_id}/run/", {"deed": "run", "p-when": "tomorrow"})
    assert '"tomorrow" is not a "date".' in words(refused)
    admin.post(f"/apps/{app_id}/run/", {"deed": "run", "p-when": "2026-11-22"})
    with tenant_scope(tenant.pk):
        assert Execution.objects.get(app_id=app_id).inputs == {"when": "2026-11-22"}


@pytest.mark.requirement("TRG-03")
def test_the_fields_stand_in_the_order_of_the_definition_whoever_wrote_it(admin, person, tenant):
    names = ["zebra", "a", "mm", "filter", "name"]
    inputs = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    with tenant_scope(tenant.pk):
        app = create_app(person, definition([{**TELL, "params": {"to": "team", "title": "Hi"}}], inputs=inputs))
    assert re.findall(r' id="p-(\w+)"', words(admin.get(f"/apps/{app.pk}/run/"))) == names
    written = re.findall(r'"(\w+)": { "type": "string" }', words(admin.get(f"/apps/{app.pk}/edit/")))
    assert written == names


@pytest.mark.requirement("APP-04")
def test_what_was_written_runs_with_its_types(admin, app_id, person, tenant):
    answer = admin.post(f"/apps/{app_id}/run/", {**WRITTEN, "deed": "run"})
    with tenant_scope(tenant.pk):
        run = get_run(person, int(answer["Location"].split("/")[2]))
    assert run.inputs["days"] == 3
    assert (run.inputs["who"], run.inputs["kind"], run.inputs["names"]) == ("Ada", "short", ["Ben", "Cleo"])
    assert (run.inputs["loud"], str(run.inputs["extra"]["a"])) == (True, "1.50")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"p-days": "99", "p-who": "Ada"}, "99 is greater than the maximum of 30."),
        ({"p-days": "soon", "p-who": "Ada"}, "“soon” is no whole number."),
        ({"p-days": "2"}, "This is needed."),
        ({"p-who": "Ada", "p-extra": "{"}, "“{” is no JSON object."),
        ({"p-who": "Ada", "p-names": "a\nb\nc"}, "has more than 2 items."),
        ({"p-who": "Ada", "p-kind": "tall"}, "is not one of"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_nothing_runs(admin, app_id, tenant, written, said):
    answer = admin.post(f"/apps/{app_id}/run/", {**written, "deed": "run"})
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'aria-invalid="true"' in words(answer)
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()


@pytest.mark.requirement("RUN-12")
def test_a_bill_is_split_on_trial_with_its_shares_and_nothing_runs(admin, person, tenant):
    with tenant_scope(tenant.pk):
        app_id = create_app_from(person, "bill-split").pk
    form = {"p-total": "100", "p-tip_percent": "0", "p-people": "Ada\nBen\nCleo", "p-pay_to": "x", "deed": "try"}
    html = words(admin.post(f"/apps/{app_id}/run/", form))
    assert "It would answer" in html
    assert "Ada, Ben, Cleo pay 33.34, 33.33, 33.33" in html
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()


def test_a_moderator_may_run_and_an_app_without_inputs_says_so(signed_in, make_person, make_app, tenant):
    browser = signed_in(make_person(tenant, "moderator"))
    app_id = make_app()
    assert "It asks for nothing" in words(browser.get(f"/apps/{app_id}/run/"))
    assert browser.post(f"/apps/{app_id}/run/", {"deed": "run"})["Location"].startswith("/runs/")


def test_a_member_without_a_seat_is_refused(signed_in, make_person, make_app, tenant):
    browser = signed_in(make_person(tenant, "member"))
    assert browser.get(f"/apps/{make_app()}/run/").status_code == 403


@pytest.mark.requirement("RUN-08")
def test_a_scheduled_app_that_was_run_by_hand_says_so(admin, person, tenant):
    source = definition(
        [{**TELL, "params": {"to": "team", "title": "Hi"}}],
        triggers=[{"id": "weekly", "type": "scheduled", "cron": "0 9 * * MON", "flow": "main"}],
    )
    with tenant_scope(tenant.pk):
        app_id = create_app(person, source).pk
    html = words(admin.get(admin.post(f"/apps/{app_id}/run/")["Location"]))
    assert "Started by hand" in html
    assert "The scheduled time came" not in html


@pytest.mark.requirement("RUN-07")
def test_where_the_quota_is_used_up_it_leads_to_what_is_used(admin, app_id, tenant, run_to_its_end, make_app):
    run = run_to_its_end(make_app())
    with tenant_scope(tenant.pk):
        set_quota(system_principal(tenant.pk, "an operator"), EXECUTIONS, 0)
    for answer in (admin.post(f"/apps/{app_id}/run/", {**WRITTEN, "deed": "run"}), admin.post(f"/runs/{run}/again/")):
        assert answer.status_code == 429
        assert '<a href="/usage/">' in answer.content.decode().replace(' class="button button-main"', "")
