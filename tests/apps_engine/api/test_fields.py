"""What a request holds is known, or the request is refused with what was probably meant."""

from __future__ import annotations

import pytest

from tests.apps_engine.api.definitions import short_list


def problems(response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(fault["path"], fault["code"]) for fault in response.json()["problems"]]


def hint(response) -> str:
    return response.json()["problems"][0]["hint"]


@pytest.mark.requirement("APP-09")
def test_a_choice_of_a_starter_in_the_wrong_place_is_told_and_not_forgotten(api):
    response = api.post("starters/weekly-digest/preview", {"parameter": {"limit": 3}, "weekday": 1})
    assert problems(response) == [("/parameter", "unknown_field"), ("/weekday", "unknown_field")]
    assert hint(response) == "Did you mean `parameters`?"
    assert response.json()["problems"][1]["hint"] == "Possible here: parameters."


def test_an_unknown_word_of_a_query_is_told(api):
    response = api.get("apps?serch=digest")
    assert problems(response) == [("/serch", "unknown_field")]
    assert hint(response) == "Did you mean `search`?"


def test_what_is_none_of_the_choices_is_told_all_of_them(api):
    response = api.get("starters?category=nope")
    assert problems(response) == [("/category", "invalid_choice")]
    assert all(category in hint(response) for category in ("email", "content", "moderation", "shopify"))
    assert hint(api.get("starters?category=shoppify")).startswith("Did you mean `shopify`?")
    assert problems(api.get("runs?state=dead&state=lost")) == [("/state", "invalid_choice")]
    assert problems(api.get("apps?status=")) == [("/status", "invalid_choice")]


@pytest.mark.parametrize("name", ["Two\nlines", "Turned \u202e round", "No\u200bwidth", "\t", 7])
def test_a_name_with_characters_that_nobody_sees_is_refused(api, name):
    assert problems(api.post("keys", {"name": name, "scopes": ["apps:read"]}))[0][0] == "/name"


def test_numbers_and_flags_of_a_body_are_no_texts(api):
    app = api.post("apps", {"definition": short_list()}).json()
    for body in ({"expected_version": "1"}, {"expected_version": True}, {"expected_version": 1.5}):
        assert problems(api.post(f"apps/{app['id']}/upgrade", body)) == [("/expected_version", "invalid")]
    assert problems(api.post(f"apps/{app['id']}/upgrade", {"confirm": "yes"})) == [("/confirm", "invalid")]
    assert api.post(f"apps/{app['id']}/upgrade", b'{"expected_version": 1.0}').status_code == 200


@pytest.mark.requirement("OPS-04")
def test_a_long_list_is_read_page_by_page_and_new_rows_shift_nothing(api):
    app = api.post("apps", {"definition": short_list()}).json()
    for number in range(2, 6):
        api.call("PATCH", f"apps/{app['id']}", {"definition": {"description": f"Version {number}"}})
    runs = [api.post(f"apps/{app['id']}/run").json()["id"] for _ in range(3)]
    first = api.get("runs?limit=2").json()
    runs_later = api.post(f"apps/{app['id']}/run").json()["id"]
    second = api.get(f"runs?limit=2&cursor={first['next_cursor']}").json()
    assert [run["id"] for run in first["items"] + second["items"]] == runs[::-1]
    assert second["next_cursor"] is None
    assert runs_later not in [run["id"] for run in second["items"]]
    page = api.get(f"apps/{app['id']}/versions?limit=3").json()
    assert [version["number"] for version in page["items"]] == [5, 4, 3]
    rest = api.get(f"apps/{app['id']}/versions?cursor={page['next_cursor']}").json()
    assert [version["number"] for version in rest["items"]] == [2, 1]


@pytest.mark.requirement("APP-06")
def test_an_app_that_somebody_changed_meanwhile_is_not_deleted(api):
    app = api.post("apps", {"definition": short_list()}).json()
    api.call("PATCH", f"apps/{app['id']}", {"definition": {"description": "Changed"}})
    assert api.call("DELETE", f"apps/{app['id']}", **{"If-Match": '"1"'}).status_code == 412
    assert api.call("DELETE", f"apps/{app['id']}", **{"If-Match": '"2"'}).status_code == 204


@pytest.mark.requirement("TRG-11")
def test_an_input_that_the_app_does_not_have_is_told_and_not_forgotten(api):
    app = api.post("apps", {"definition": short_list()}).json()
    for path in (f"apps/{app['id']}/run", f"apps/{app['id']}/dry-run"):
        response = api.post(path, {"inputs": {"dais": 3}})
        assert (response.status_code, response.json()["code"]) == (422, "inputs_refused")
        (fault,) = response.json()["problems"]
        assert (fault["path"], fault["code"], fault["hint"]) == ("/dais", "unknown_input", "Did you mean `days`?")


@pytest.mark.requirement("RUN-13")
def test_a_run_again_leaves_out_an_input_that_the_app_has_no_longer(api):
    app = api.post("apps", {"definition": short_list()}).json()
    run = api.post(f"apps/{app['id']}/run", {"inputs": {"days": 3}}).json()
    api.post(f"runs/{run['id']}/cancel")
    inputs = {"type": "object", "properties": {"weeks": {"type": "integer", "default": 1}}}
    assert api.call("PUT", f"apps/{app['id']}", {"definition": short_list(inputs=inputs)}).status_code == 200
    again = api.post(f"runs/{run['id']}/again")
    assert (again.status_code, again.json()["inputs"]) == (202, {"weeks": 1})
