"""Ready-made apps over REST."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.requirement("APP-09")


def test_they_are_listed_and_searched(api):
    everything = api.get("starters").json()["items"]
    assert {"slug", "category", "name", "summary", "icon"} <= set(everything[0])
    found = api.get("starters?search=weekly+newsletter&category=email").json()["items"]
    assert found[0]["slug"] == "weekly-digest"
    assert len(found) < len(everything)


def test_an_unknown_category_is_refused(api):
    response = api.get("starters?category=poetry")
    assert (response.status_code, response.json()["problems"][0]["path"]) == (400, "/category")


def test_one_tells_its_parameters_and_what_it_does(api):
    starter = api.get("starters/weekly-digest").json()
    assert starter["parameters"]["properties"]["hour"]["maximum"] == 23
    assert starter["defaults"]["posts"] == 5
    assert starter["sentences"]
    assert starter["definition"]["triggers"][0]["type"] == "scheduled"


def test_one_that_there_is_not_is_not_found(api):
    response = api.get("starters/weekly-digset")
    assert (response.status_code, response.json()["code"]) == (404, "starter_not_found")


def test_a_preview_shows_the_definition_or_every_fault(api):
    good = api.post("starters/weekly-digest/preview", {"parameters": {"posts": 2}}).json()
    assert good["valid"] is True
    assert good["definition"]["flows"]["main"]["steps"][0]["limit"] == 2
    bad = api.post("starters/weekly-digest/preview", {"parameters": {"posts": 0, "hour": -1}})
    assert bad.status_code == 200
    assert bad.json()["valid"] is False
    assert {problem["path"] for problem in bad.json()["problems"]} == {"/posts", "/hour"}
    assert api.get("apps").json()["items"] == []


def test_an_app_is_made_and_can_be_named(api):
    response = api.post("starters/weekly-digest/apps", {"parameters": {"hour": 7}, "name": "Our digest"})
    assert response.status_code == 201
    assert response["ETag"]
    assert (response.json()["name"], response.json()["version"]) == ("Our digest", 1)
    again = api.post("starters/weekly-digest/apps", {"name": "Our digest"})
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    assert "Our digest 2" in again.json()["hint"]


def test_faults_of_parameters_come_as_problems(api):
    response = api.post("starters/weekly-digest/apps", {"parameters": {"subject": "{{ x }}", "nobody": 1}})
    assert (response.status_code, response.json()["code"]) == (422, "parameters_refused")
    assert "/subject" in {problem["path"] for problem in response.json()["problems"]}


def test_parameters_are_an_object(api):
    assert api.post("starters/weekly-digest/preview", {"parameters": [1]}).status_code == 400
