"""The life of an app over REST."""

from __future__ import annotations

import pytest

from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.apps_engine.api.definitions import on_event, short_list


def create(api, definition: dict) -> dict:
    response = api.post("apps", {"definition": definition})
    assert response.status_code == 201, response.content
    return response.json()


@pytest.mark.requirement("APP-01")
def test_an_app_is_stored_active_and_told_in_plain_words(api):
    app = create(api, short_list())
    assert (app["name"], app["status"], app["version"]) == ("Short list", "active", 1)
    assert app["definition"]["flows"]["main"]["steps"][0]["fetch"] == "users"
    assert app["sentences"]


def test_a_definition_may_come_as_text(api):
    text = '{"schema_version": "1.1", "name": "T", "triggers": [{"id": "m", "type": "manual", "flow": "main"}], '
    text += '"flows": {"main": {"steps": [{"id": "u", "fetch": "users", "limit": 1}]}}}'
    assert create(api, text)["name"] == "T"


def test_a_decimal_comes_back_digit_for_digit(api):
    steps = [{"id": "rich", "fetch": "shopify_orders", "where": {"total_price": {"gte": "MARK"}}, "limit": 5}]
    body = str({"definition": short_list(flows={"main": {"steps": steps}})}).replace("'", '"')
    response = api.post("apps", body.replace('"MARK"', "10.10").encode())
    assert response.status_code == 201, response.content
    assert b'"gte":10.10' in response.content


@pytest.mark.requirement("APP-02")
def test_every_change_is_audited_with_who_made_it(api, tenant):
    app = create(api, short_list())
    api.post(f"apps/{app['id']}/pause", {"reason": "holidays"})
    api.post(f"apps/{app['id']}/resume")
    api.call("PUT", f"apps/{app['id']}", {"definition": short_list(description="New.")})
    api.call("DELETE", f"apps/{app['id']}")
    with tenant_scope(tenant.pk):
        entries = AuditEntry.objects.filter(target=f"app:{app['id']}").order_by("pk")
        assert [entry.verb for entry in entries] == [
            "app.created",
            "app.paused",
            "app.resumed",
            "app.updated",
            "app.deleted",
        ]
        assert {entry.actor_kind for entry in entries} == {"api_key"}


@pytest.mark.requirement("APP-03")
def test_pausing_and_resuming_say_the_new_status(api):
    app = create(api, short_list())
    paused = api.post(f"apps/{app['id']}/pause", {"reason": "holidays"}).json()
    assert (paused["status"], paused["status_reason"]) == ("paused", "holidays")
    assert api.post(f"apps/{app['id']}/run").status_code == 409
    resumed = api.post(f"apps/{app['id']}/resume").json()
    assert (resumed["status"], resumed["backlog"]) == ("active", "No run of it waited.")


@pytest.mark.requirement("APP-06")
def test_an_update_makes_a_version_and_keeps_the_history(api):
    app = create(api, short_list())
    updated = api.call("PUT", f"apps/{app['id']}", {"definition": short_list(description="Second.")})
    assert (updated.json()["version"], updated.json()["description"]) == (2, "Second.")
    assert updated.headers["ETag"] == '"2"'
    versions = api.get(f"apps/{app['id']}/versions").json()["items"]
    assert [version["number"] for version in versions] == [2, 1]


def test_an_update_that_was_meant_for_an_older_version_is_refused(api):
    app = create(api, short_list())
    path, body = f"apps/{app['id']}", {"definition": short_list(description="Mine.")}
    assert api.call("PUT", path, body, **{"If-Match": '"1"'}).status_code == 200
    late = api.call("PUT", path, body, **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "version_conflict")
    assert api.call("PUT", path, {**body, "expected_version": 1}).status_code == 409
    assert api.get(path).json()["version"] == 2


def test_a_patch_changes_only_what_it_names(api):
    app = create(api, short_list())
    patch = {"definition": {"description": "Patched.", "inputs": None}}
    patched = api.call("PATCH", f"apps/{app['id']}", patch)
    assert patched.status_code == 200, patched.content
    definition = patched.json()["definition"]
    assert definition["description"] == "Patched."
    assert "inputs" not in definition
    assert definition["flows"] == app["definition"]["flows"]


def test_a_refused_update_leaves_the_app_as_it_was(api):
    app = create(api, short_list())
    response = api.call("PUT", f"apps/{app['id']}", {"definition": {"name": "Broken"}})
    assert response.status_code == 422
    assert api.get(f"apps/{app['id']}").json()["version"] == 1


def test_a_taken_name_is_refused(api):
    create(api, short_list())
    response = api.post("apps", {"definition": short_list()})
    assert (response.status_code, response.json()["code"]) == (409, "name_taken")


def test_a_list_is_read_page_by_page_without_gaps(api):
    made = [create(api, short_list(name=f"App {number}"))["id"] for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"apps?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [app["id"] for app in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(made, reverse=True)


def test_a_list_is_filtered_by_status_and_by_a_part_of_the_name(api):
    first = create(api, short_list(name="Weekly digest"))
    create(api, on_event(name="Greeter"))
    api.post(f"apps/{first['id']}/pause")
    assert [app["name"] for app in api.get("apps?status=paused").json()["items"]] == ["Weekly digest"]
    assert [app["name"] for app in api.get("apps?search=greet").json()["items"]] == ["Greeter"]
    assert api.get("apps?search=%25").json()["items"] == []


@pytest.mark.requirement("APP-07")
def test_a_deleted_app_is_gone_from_the_list_and_its_runs_stay(api, tenant):
    app = create(api, short_list())
    run = api.post(f"apps/{app['id']}/run").json()
    assert api.call("DELETE", f"apps/{app['id']}").status_code == 204
    assert api.get(f"apps/{app['id']}").status_code == 404
    assert api.get("apps").json()["items"] == []
    assert [row["id"] for row in api.get("apps?status=deleted").json()["items"]] == [app["id"]]
    assert api.get(f"runs/{run['id']}").json()["state"] == "cancelled"
    with tenant_scope(tenant.pk):
        assert App.objects.get().status == "deleted"
