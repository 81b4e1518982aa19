"""What happened, over REST and from the shell: events with what became of them, and the audit log."""

from __future__ import annotations

import json

import pytest

from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list
from tests.apps_engine.api.test_events import event, send


@pytest.fixture
def app(api) -> dict:
    """An app that listens to new members."""
    trigger = {"id": "joined", "type": "event", "event": "member.joined", "flow": "main"}
    return api.post("apps", {"definition": short_list("On joining", inputs=None, triggers=[trigger])}).json()


@pytest.mark.requirement("TRG-11")
def test_events_are_listed_by_pages_with_the_runs_they_started(api, app):
    send(api, [event(number) for number in range(3)])
    first = api.get("events?limit=2").json()
    assert [item["id"] for item in first["items"]] == ["e2", "e1"]
    assert [run["app"]["id"] for run in first["items"][0]["runs"]] == [app["id"]]
    rest = api.get(f"events?limit=2&cursor={first['next_cursor']}").json()
    assert [item["id"] for item in rest["items"]] == ["e0"]
    assert rest["next_cursor"] is None


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=member.joined", ["e1"]),
        ("type=post.created", []),
        ("source=/billing&event_id=e1", ["e1"]),
        ("since=2020-01-01T00:00:00Z", ["e1"]),
        ("until=2020-01-01T00:00:00Z", []),
    ],
)
def test_events_are_found_by_type_source_id_and_time(api, query, found):
    send(api, event(1))
    assert [item["id"] for item in api.get(f"events?{query}").json()["items"]] == found


@pytest.mark.requirement("TRG-11")
def test_an_event_tells_for_each_app_what_became_of_it(api, app):
    api.post(f"apps/{app['id']}/pause", {"reason": "holiday"})
    send(api, event(1))
    number = api.get("events").json()["items"][0]["number"]
    told = api.get(f"events/{number}").json()
    assert told["data"]["member"]
    (listener,) = told["listeners"]
    assert (listener["app"]["id"], listener["outcome"], listener["reason"]) == (app["id"], "paused", "holiday")


def test_the_data_of_an_event_needs_the_scope_for_data(api, tenant):
    send(api, event(1))
    number = api.get("events").json()["items"][0]["number"]
    reader = Api(key_of(tenant, ["apps:read"]))
    assert reader.get("events").status_code == 200
    assert reader.get(f"events/{number}").status_code == 403


@pytest.mark.requirement("SEC-05")
def test_the_audit_log_is_read_by_verb_target_and_actor_and_needs_admin(api, tenant):
    app = api.post("apps", {"definition": short_list()}).json()
    api.post(f"apps/{app['id']}/pause", {"reason": "holiday"})
    (entry,) = api.get("audit?verb=app.paused").json()["items"]
    assert (entry["target"], entry["details"], entry["actor"]["kind"]) == (
        f"app:{app['id']}",
        {"reason": "holiday"},
        "api_key",
    )
    verbs = [entry["verb"] for entry in api.get(f"audit?target=app:{app['id']}&actor=key").json()["items"]]
    assert verbs == ["app.paused", "app.created"]
    page = api.get("audit?limit=1").json()
    assert [entry["verb"] for entry in api.get(f"audit?limit=1&cursor={page['next_cursor']}").json()["items"]] == [
        "app.created"
    ]
    assert Api(key_of(tenant, ["apps:read"])).get("audit").status_code == 403


@pytest.mark.requirement("TRG-11")
def test_the_shell_tells_the_same(api, app, tenant, shell):
    send(api, event(1))
    (listed,) = json.loads(shell("events", "--tenant", tenant.slug, "--type", "member.joined").stdout)
    told = json.loads(shell("event", str(listed["number"]), "--tenant", tenant.slug).stdout)
    assert [listener["outcome"] for listener in told["listeners"]] == ["waiting"]
    verdict = json.loads(shell("why", str(app["id"]), "--tenant", tenant.slug, "--event", "e1").stdout)
    assert (verdict["outcome"], verdict["message"]) == ("waiting", "It waits for a worker.")
    assert json.loads(shell("why", str(app["id"]), "--tenant", tenant.slug).stdout) == []
    (deed,) = json.loads(shell("audit", "--tenant", tenant.slug, "--verb", "app.").stdout)
    assert deed["verb"] == "app.created"
