"""Runs over REST."""

from __future__ import annotations

import pytest

from apps_engine.services.decisions import Refusal, record_decisions
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.store.claims import claim
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import on_event, short_list, written_post


@pytest.fixture
def app(api) -> dict:
    return api.post("apps", {"definition": short_list()}).json()


@pytest.mark.requirement("APP-04")
def test_a_run_by_hand_is_queued_with_the_defaults_of_its_inputs(api, app):
    response = api.post(f"apps/{app['id']}/run")
    assert response.status_code == 202
    run = response.json()
    assert (run["state"], run["inputs"], run["version"]) == ("queued", {"days": 7}, 1)
    assert run["requested_by"].startswith("API key")


@pytest.mark.requirement("TRG-03")
def test_an_input_that_is_not_in_its_format_is_refused_with_its_path_and_how_it_is_written(api):
    inputs = {"type": "object", "properties": {"when": {"type": "string", "format": "date"}}}
    app = api.post("apps", {"definition": short_list(inputs=inputs)}).json()
    refused = api.post(f"apps/{app['id']}/run", {"inputs": {"when": "tomorrow"}})
    assert refused.status_code == 422
    (problem,) = refused.json()["problems"]
    assert (problem["path"], problem["code"]) == ("/when", "inputs_refused")
    assert problem["hint"] == "Write it like 2026-11-21."
    assert api.post(f"apps/{app['id']}/run", {"inputs": {"when": "2026-11-22"}}).status_code == 202


@pytest.mark.requirement("RUN-08")
def test_a_finished_run_shows_what_each_step_did(api, app, admin_user):
    run = api.post(f"apps/{app['id']}/run", {"inputs": {"days": 3}}).json()
    for claimed in claim("the test", limit=1, ids=[run["id"]]):
        execute(claimed)
    shown = api.get(f"runs/{run['id']}").json()
    assert shown["state"] == "succeeded", shown["error"]
    assert [(step["kind"], step["status"]) for step in shown["steps"]] == [("fetch", "done"), ("transform", "done")]
    listed = api.get(f"apps/{app['id']}/runs").json()["items"]
    assert [row["id"] for row in listed] == [run["id"]]
    assert "steps" not in listed[0]
    assert api.get(f"apps/{app['id']}").json()["recent_runs"] == listed


def test_a_run_that_waits_can_be_cancelled(api, app):
    run = api.post(f"apps/{app['id']}/run").json()
    assert api.post(f"runs/{run['id']}/cancel").json()["state"] == "cancelled"
    assert api.get(f"runs/{run['id']}").json()["state"] == "cancelled"


@pytest.mark.requirement("RUN-12")
def test_a_dry_run_of_an_app_shows_its_steps_and_stores_no_run(api, app):
    tried = api.post(f"apps/{app['id']}/dry-run", {"inputs": {"days": 1}}).json()
    assert (tried["test"], tried["would_run"]) == (True, True)
    assert [step["kind"] for step in tried["steps"]] == ["fetch", "transform"]
    assert api.get(f"apps/{app['id']}/runs").json()["items"] == []


def test_a_dry_run_tells_which_clause_keeps_an_event_out(api):
    app = api.post("apps", {"definition": on_event()}).json()
    tried = api.post(f"apps/{app['id']}/dry-run", {"event": written_post("goodbye")}).json()
    assert tried["would_run"] is False
    assert (tried["failed_clause"]["field"], tried["failed_clause"]["actual"]) == ("post.body", "goodbye")


@pytest.mark.requirement("SEC-01")
def test_a_dry_run_shows_members_data_only_to_who_may_read_it(tenant):
    limited = Api(key_of(tenant, ["apps:read", "apps:write"]))
    assert limited.post("definitions/dry-run", {"definition": short_list()}).status_code == 403


@pytest.mark.requirement("TRG-11")
def test_an_event_that_was_filtered_out_is_explained(api, tenant):
    app = api.post("apps", {"definition": on_event()}).json()
    ingest([envelope(tenant, "event-1", written_post("goodbye"))])
    decisions = api.get(f"apps/{app['id']}/decisions").json()["items"]
    assert [(decision["outcome"], decision["event"]) for decision in decisions] == [("filtered", "event-1")]
    one = api.get(f"apps/{app['id']}/decisions?event_id=event-1").json()["items"]
    assert one[0]["clause"]["actual"] == "goodbye"
    assert api.get(f"apps/{app['id']}/decisions?event_id=never").status_code == 404


@pytest.mark.requirement("TRG-11")
def test_reasons_are_read_page_by_page(api, tenant):
    app = api.post("apps", {"definition": on_event()}).json()
    with tenant_scope(tenant.pk):
        record_decisions([Refusal(app["id"], f"t{number}", "filtered", f"event-{number}") for number in range(3)])
    address, seen = f"apps/{app['id']}/decisions?limit=2", []
    page = api.get(address).json()
    seen += page["items"]
    page = api.get(f"{address}&cursor={page['next_cursor']}").json()
    seen += page["items"]
    assert page["next_cursor"] is None
    assert [decision["trigger"] for decision in seen] == ["t2", "t1", "t0"]
    assert api.get(f"{address}&cursor=7").status_code == 400


def envelope(tenant, event_id: str, data: dict) -> dict:
    """A CloudEvents envelope of a post."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "test",
        "type": "post.created",
        "time": "2026-11-21T09:00:00Z",
        "tenantid": tenant.slug,
        "data": data,
    }


@pytest.mark.requirement("SEC-01")
def test_what_a_run_read_is_left_out_for_who_may_not_read_the_communitys_data(api, tenant, admin_user):
    watched = on_event(
        flows={
            "main": {
                "steps": [{"id": "people", "fetch": "users", "limit": 5}],
                "response": {"template": "{{ trigger.post.body }}"},
            }
        }
    )
    app = api.post("apps", {"definition": watched}).json()
    ingest(
        [
            envelope(tenant, "event-2", written_post("boots of secret make")),
            envelope(tenant, "event-3", written_post("no")),
        ]
    )
    run = api.get("runs").json()["items"][0]
    for claimed in claim("the test", limit=1, ids=[run["id"]]):
        execute(claimed)
    full = api.get(f"runs/{run['id']}").json()
    assert full["trigger"]["data"]["post"]["body"] == "boots of secret make"
    assert full["result"], full
    limited = Api(key_of(tenant, ["apps:read", "apps:run"]))
    shown = limited.get(f"runs/{run['id']}").json()
    assert (shown["state"], shown["trigger"]["data"], shown["result"], shown["inputs"]) == ("succeeded", None, None, {})
    assert [(step["status"], step["input"], step["output"]) for step in shown["steps"]] == [("done", None, None)]
    assert "data:read" in shown["withheld"]
    for path in ("runs", f"apps/{app['id']}/runs", f"apps/{app['id']}", f"apps/{app['id']}/decisions?event_id=event-3"):
        answer = limited.get(path)
        assert answer.status_code == 200
        assert "secret make" not in answer.content.decode()
        assert "withheld" in answer.content.decode()
    assert limited.get(f"apps/{app['id']}/decisions").json()["items"][0]["details"]["actual"] is None
