"""Runs once more, over REST and from the shell (RUN-05, RUN-13)."""

from __future__ import annotations

import json

import pytest

from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.commands import complaint
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("RUN-13")
ERROR = {"code": "model_busy", "message": "The model was busy.", "hint": "Try it later."}


@pytest.fixture
def failed(api, tenant) -> dict:
    """A run that failed."""
    app = api.post("apps", {"definition": short_list()}).json()
    run = api.post(f"apps/{app['id']}/run").json()
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run["id"]).update(state="failed", error=ERROR, attempt=3)
    return run


def test_runs_that_went_wrong_are_listed_with_the_reason(api, failed):
    app = failed["app"]["id"]
    for path in ("runs", f"apps/{app}/runs"):
        (found,) = api.get(f"{path}?state=dead&state=failed").json()["items"]
        assert (found["id"], found["error"]["code"]) == (failed["id"], "model_busy")
        assert api.get(f"{path}?state=succeeded").json()["items"] == []
        assert api.get(f"{path}?error_code=other").json()["items"] == []
        assert api.get(f"{path}?since=2099-01-01T00:00:00Z").json()["items"] == []
        assert api.get(f"{path}?state=nonsense").status_code == 400


def test_a_run_is_retried_once_and_run_again(api, failed):
    assert api.post(f"runs/{failed['id']}/again").json()["id"] != failed["id"]
    retried = api.post(f"runs/{failed['id']}/retry")
    assert (retried.status_code, retried.json()["state"], retried.json()["error"]) == (202, "queued", None)
    again = api.post(f"runs/{failed['id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "not_runnable")


def test_runs_are_replayed_at_a_rate(api, failed):
    app = failed["app"]["id"]
    replayed = api.post(f"apps/{app}/replay", {"per_minute": 600, "error_code": "model_busy"})
    assert replayed.status_code == 202, replayed.content
    counts = {"matched": 1, "queued": 1, "refused": 0, "left": False}
    assert replayed.json() == {**counts, "reason": "", "last": failed["id"]}
    rest = api.post(f"apps/{app}/replay", {"way": "again", "states": ["failed"], "after": failed["id"]})
    assert rest.json()["matched"] == 0
    assert api.post(f"apps/{app}/replay", {"per_minute": 0}).status_code == 400


@pytest.mark.requirement("RUN-05")
def test_a_call_that_nobody_knows_of_is_listed_and_settled(api, failed, tenant):
    with tenant_scope(tenant.pk):
        Effect.objects.create(
            execution_id=failed["id"],
            idem_key="1",
            path="main/tell",
            action="webhook",
            fence=1,
            state="unknown",
            request={
                "body": {
                    "secret": "never shown",
                    "message_id": "msg_7",
                    "url": "https://never:shown@hooks.example.com/never shown?token=never+shown",
                }
            },
        )
    listed = api.get(f"runs/{failed['id']}/effects")
    assert "never" not in listed.content.decode()
    (call,) = listed.json()["items"]
    assert (call["message_id"], call["host"]) == ("msg_7", "hooks.example.com")
    address = f"runs/{failed['id']}/effects/{call['id']}/settle"
    assert api.post(address, {"outcome": "perhaps"}).status_code == 400
    (missing,) = api.post(address, {}).json()["problems"]
    assert (missing["code"], missing["path"]) == ("required", "/outcome")
    assert api.post(address, {"outcome": "done", "result": {"status": 200}}).json()["response"] == {"status": 200}
    assert api.post(address, {"outcome": "failed"}).json()["code"] == "effect_settled"


def test_a_key_without_the_scope_runs_nothing(tenant, failed):
    reader = Api(key_of(tenant, ["apps:read"]))
    for deed in ("retry", "again", "cancel"):
        assert reader.post(f"runs/{failed['id']}/{deed}").status_code == 403
    assert reader.post(f"apps/{failed['app']['id']}/replay", {}).status_code == 403


def test_the_shell_finds_what_failed_and_goes_on_with_it(shell, failed, tenant):
    where, run = ("--tenant", tenant.slug), str(failed["id"])
    (found,) = json.loads(shell("runs", "Short list", *where, "--state", "failed", "--state", "dead").stdout)
    assert found["error"]["code"] == "model_busy"
    assert json.loads(shell("retry", run, *where).stdout)["state"] == "queued"
    assert "queued" in complaint(shell("retry", run, *where))
    assert json.loads(shell("cancel", run, *where).stdout)["state"] == "cancelled"
    assert json.loads(shell("again", run, *where).stdout)["state"] == "queued"


def test_the_shell_replays_by_time_and_error(shell, failed, tenant):
    words = ("replay", "Short list", "--tenant", tenant.slug, "--error", "model_busy", "--per-minute", "30")
    assert json.loads(shell(*words, "--until", "2020-01-01").stdout)["matched"] == 0
    assert json.loads(shell(*words, "--after", str(failed["id"])).stdout)["matched"] == 0
    assert json.loads(shell(*words, "--since", "2020-01-01").stdout)["queued"] == 1
    assert shell(*words, "--since", "yesterday").returncode == 2


@pytest.mark.requirement("RUN-05")
def test_the_shell_settles_a_call(shell, failed, tenant):
    with tenant_scope(tenant.pk):
        Effect.objects.create(
            execution_id=failed["id"], idem_key="1", path="main/a", action="webhook", fence=1, state="unknown"
        )
    where, run = ("--tenant", tenant.slug), str(failed["id"])
    (call,) = json.loads(shell("calls", run, *where).stdout)
    words = ("settle", run, str(call["id"]), "done", *where)
    assert "JSON object" in complaint(shell(*words, "--result", "[]"))
    assert json.loads(shell(*words, "--result", '{"status": 200}').stdout)["response"] == {"status": 200}
