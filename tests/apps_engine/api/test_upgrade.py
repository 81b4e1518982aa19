"""Bringing an app up to date over REST and from the shell (APP-10)."""

from __future__ import annotations

import json

import pytest

from tests.apps_engine.api.commands import complaint
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("APP-10")

TELL = {"act": "notify_old", "params": {"to": "moderators", "title": "Hi", "body": "There"}}
CHANGE = {"path": "/flows/main/steps/0/act", "before": "notify_old", "after": "send_notification"}


@pytest.fixture
def old_app(api, old_action, deprecate) -> int:
    """The number of an app whose action was removed since, and has another name."""
    response = api.post("apps", {"definition": short_list(flows={"main": {"steps": [TELL]}})})
    assert response.status_code == 201, response.content
    deprecate("notify_old", 20, "send_notification")
    old_action()
    return int(response.json()["id"])


def test_without_confirmation_it_shows_what_would_change_and_changes_nothing(api, old_app):
    for body in (None, {}, {"confirm": False}):
        offer = api.post(f"apps/{old_app}/upgrade", body).json()
        assert (offer["needed"], offer["applied"], offer["version"]) == (True, False, 1)
        assert offer["changes"] == [CHANGE]
        assert offer["definition"]["flows"]["main"]["steps"][0]["act"] == "send_notification"
    assert api.get(f"apps/{old_app}").json()["version"] == 1


def test_with_confirmation_it_is_the_next_version_and_needs_no_other(api, old_app):
    response = api.post(f"apps/{old_app}/upgrade", {"confirm": True, "expected_version": 1})
    assert response.status_code == 200, response.content
    assert (response.json()["applied"], response.json()["version"]) == (True, 2)
    assert response.headers["ETag"] == '"2"'
    app = api.get(f"apps/{old_app}").json()
    assert app["version"] == 2
    assert app["definition"]["flows"]["main"]["steps"][0]["act"] == "send_notification"
    again = api.post(f"apps/{old_app}/upgrade", {"confirm": True}).json()
    assert (again["needed"], again["applied"], again["version"], again["changes"]) == (False, False, 2, [])


def test_only_the_version_that_was_looked_at_is_upgraded(api, old_app):
    assert api.post(f"apps/{old_app}/upgrade", {"confirm": True, "expected_version": 3}).status_code == 409
    refused = api.post(f"apps/{old_app}/upgrade", {"confirm": True}, **{"If-Match": '"3"'})
    assert refused.status_code == 412
    assert api.get(f"apps/{old_app}").json()["version"] == 1


def test_what_nothing_replaces_is_left_to_the_author_and_said(api, deprecate):
    response = api.post("apps", {"definition": short_list()})
    deprecate("users", 13)
    path = f"apps/{response.json()['id']}/upgrade"
    offer = api.post(path).json()
    assert (offer["needed"], offer["left"]) == (False, [{"path": "/flows/main/steps/0/fetch", "feature": "users"}])


def test_an_upgrade_that_does_not_validate_is_refused_with_its_problems(api, old_app, deprecate):
    deprecate("notify_old", 20, "create_post")
    refused = api.post(f"apps/{old_app}/upgrade", {"confirm": True})
    assert refused.status_code == 422
    assert {problem["code"] for problem in refused.json()["problems"]} == {"unknown_parameter"}
    assert api.get(f"apps/{old_app}").json()["version"] == 1


@pytest.mark.parametrize("body", [{"confirm": "maybe"}, {"expected_version": 0}, []])
def test_a_body_that_makes_no_sense_is_refused(api, old_app, body):
    assert api.post(f"apps/{old_app}/upgrade", body).status_code == 400


def test_the_shell_shows_an_upgrade_and_does_it(shell, tenant, api, old_app):
    words = ("upgrade", "Short list", "--tenant", tenant.slug)
    preview = shell(*words, "--preview")
    assert preview.returncode == 0, preview.stderr
    assert json.loads(preview.stdout)["changes"] == [CHANGE]
    assert api.get(f"apps/{old_app}").json()["version"] == 1
    done = shell(*words)
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["applied"], json.loads(done.stdout)["version"]) == (True, 2)
    assert "Nothing" in complaint(shell("upgrade", "Nothing", "--tenant", tenant.slug))


def test_the_building_blocks_say_what_goes_away_and_when(api, deprecate):
    deprecate("award_xp", 2, "grant_reward")
    actions = {action["name"]: action for action in api.get("catalogue").json()["actions"]}
    assert actions["award_xp"]["deprecated"]["replacement"] == "grant_reward"
    assert actions["award_xp"]["deprecated"]["since"] < actions["award_xp"]["deprecated"]["until"]
    assert "deprecated" not in actions["flag_content"]
