"""Bad input gets a clear 4xx, never a 500 (issue: bad input)."""

from __future__ import annotations

import pytest

from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.definitions import short_list

HUGE = 10 * 1024 * 1024


def problem(response, status: int) -> dict:
    """The problem document, checked for what every one has."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert document["code"]
    assert document["detail"]
    return document


# Sound JSON that no value of the platform may be.
UNACCEPTABLE = {"nul_character", "lone_surrogate", "too_deep", "number_too_long"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "json_syntax"),
        (b"", "invalid_request"),
        (b"nonsense", "json_syntax"),
        (b'{"definition": {"name": "a", "name": "b"}}', "duplicate_key"),
        (b'{"definition": {"name": NaN}}', "not_a_number"),
        (b'{"definition": {"name": "\\u0000"}}', "nul_character"),
        (b'{"definition": {"name": "\\ud800"}}', "lone_surrogate"),
        (b'{"definition": ' + b"[" * 100_000, "too_deep"),
        (b'{"definition": ' + b"1" * 10_000 + b"}", "number_too_long"),
        (b"\xff\xfe", "not_utf8"),
        (b"[]", "invalid_request"),
        (b"null", "invalid_request"),
        (b'{"definition": 7}', "invalid_request"),
        (b'{"definition": null}', "invalid_request"),
        (b'{"definition": []}', "invalid_request"),
        (b"{}", "invalid_request"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(api, body, code):
    assert problem(api.post("apps", body), 422 if code in UNACCEPTABLE else 400)["code"] == code


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(api):
    body = b'{"definition": "' + b"x" * HUGE + b'"}'
    assert problem(api.post("apps", body), 413)["code"] == "body_too_large"


def test_a_definition_over_its_own_cap_is_refused_as_a_definition(api):
    body = {"definition": short_list(description="x" * 300_000)}
    document = problem(api.post("apps", body), 422)
    assert [fault["code"] for fault in document["problems"]] == ["too_large"]


@pytest.mark.requirement("APP-01")
def test_thirty_faults_are_reported_at_once_and_nothing_is_stored(api, tenant):
    steps = [{"id": f"s{number}", "act": f"no_such_action_{number}", "params": {}} for number in range(30)]
    definition = short_list(flows={"main": {"steps": steps}})
    document = problem(api.post("apps", {"definition": definition}), 422)
    errors = [fault for fault in document["problems"] if fault["severity"] == "error"]
    assert len({fault["path"] for fault in errors}) >= 30
    assert all(fault["code"] and fault["message"] for fault in errors)
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=many", "/limit"),
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("status=asleep", "/status"),
        ("cursor=-1", "/cursor"),
        ("cursor=99999999999999999999", "/cursor"),
        ("search=%00", "/search"),
        ("search=" + "x" * 121, "/search"),
    ],
)
def test_a_query_that_makes_no_sense_names_the_parameter(api, query, path):
    document = problem(api.get(f"apps?{query}"), 400)
    assert [fault["path"] for fault in document["problems"]] == [path]


@pytest.mark.parametrize("number", ["0", "999999999", "9223372036854775807", "9" * 30])
@pytest.mark.parametrize("path", ["apps/{}", "apps/{}/runs", "apps/{}/versions", "apps/{}/decisions", "runs/{}"])
def test_a_number_that_nobody_has_is_not_found(api, path, number):
    problem(api.get(path.format(number)), 404)


@pytest.mark.parametrize("path", ["apps/first", "apps/-1", "nothing", "apps/1/nothing", "", "apps/", "no%0Athing"])
def test_an_address_that_is_none_is_not_found_as_a_problem(api, path):
    assert problem(api.get(path), 404)["code"] == "not_found"


def test_a_method_that_a_resource_lacks_is_refused(api):
    assert problem(api.call("DELETE", "apps"), 405)["code"] == "method_not_allowed"


def test_a_body_that_is_no_json_is_refused(api):
    response = api.client.post("/api/v1/apps", {"definition": "x"}, headers=api.headers)
    assert problem(response, 415)["code"] == "unsupported_media_type"


def test_an_answer_in_another_format_is_refused(api):
    assert problem(api.get("apps", Accept="application/xml"), 406)["code"] == "not_acceptable"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"inputs": []}, "/inputs"),
        ({"inputs": "days"}, "/inputs"),
        ({"inputs": None}, "/inputs"),
    ],
)
def test_inputs_of_the_wrong_type_are_refused(api, body, path):
    app = api.post("apps", {"definition": short_list()}).json()
    document = problem(api.post(f"apps/{app['id']}/run", body), 400)
    assert [fault["path"] for fault in document["problems"]] == [path]


def test_inputs_that_the_app_does_not_take_are_refused(api):
    app = api.post("apps", {"definition": short_list()}).json()
    document = problem(api.post(f"apps/{app['id']}/run", {"inputs": {"days": "seven"}}), 422)
    assert document["code"] == "inputs_refused"


def test_a_key_with_faults_in_every_field_is_refused_with_all_of_them(api):
    document = problem(api.post("keys", {"name": "", "scopes": ["all"], "expires_at": None}), 400)
    assert {fault["path"] for fault in document["problems"]} == {"/name", "/scopes/0"}


def test_an_if_match_that_is_no_version_is_refused(api):
    app = api.post("apps", {"definition": short_list()}).json()
    response = api.call("PUT", f"apps/{app['id']}", {"definition": short_list()}, **{"If-Match": "yesterday"})
    assert problem(response, 400)["code"] == "bad_if_match"
