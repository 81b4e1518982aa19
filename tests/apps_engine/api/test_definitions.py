"""Checking definitions, and what they are made of, over REST."""

from __future__ import annotations

import jsonschema
import pytest

from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.definitions import short_list


@pytest.mark.requirement("LNG-05")
def test_a_check_tells_every_problem_and_stores_nothing(api, tenant):
    steps = [{"id": "a", "fetch": "userz"}, {"id": "b", "fetch": "users", "fields": ["emial"]}]
    response = api.post("definitions/validate", {"definition": short_list(flows={"main": {"steps": steps}})})
    assert response.status_code == 200
    checked = response.json()
    assert checked["valid"] is False
    errors = [problem for problem in checked["problems"] if problem["severity"] == "error"]
    assert {problem["path"].split("/steps/")[1].split("/")[0] for problem in errors} == {"0", "1"}
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


@pytest.mark.requirement("LNG-09")
def test_a_check_of_a_good_definition_says_what_it_would_do(api):
    checked = api.post("definitions/validate", {"definition": short_list()}).json()
    assert checked["valid"] is True
    assert {problem["severity"] for problem in checked["problems"]} <= {"warning", "suggestion"}
    assert checked["sentences"]
    assert checked["report"]


def test_broken_text_is_a_problem_of_the_definition(api):
    checked = api.post("definitions/validate", {"definition": '{"name": '}).json()
    assert [problem["code"] for problem in checked["problems"]] == ["json_syntax"]


@pytest.mark.requirement("RUN-12")
def test_a_dry_run_needs_no_stored_app(api, tenant, admin_user):
    tried = api.post("definitions/dry-run", {"definition": short_list()}).json()
    assert (tried["would_run"], tried["status"]) == (True, "succeeded")
    assert len(tried["steps"][0]["output"]) == 1
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


def test_the_catalogue_names_the_building_blocks_with_their_parameters(api):
    catalogue = api.get("catalogue").json()
    users = next(row for row in catalogue["connectors"] if row["name"] == "users")
    assert {"id", "email"} <= {field["name"] for field in users["fields"]}
    assert all(row["params"]["type"] == "object" for row in catalogue["actions"])
    assert {"filter", "sort", "limit"} <= {row["name"] for row in catalogue["transforms"]}
    assert any(row["name"] == "length" and row["example"]["template"] for row in catalogue["filters"])
    assert any(row["name"] == "post.created" and row["sample"] for row in catalogue["events"])


def test_the_schema_accepts_what_the_platform_accepts(api):
    schema = api.get("schema").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(short_list())
    assert not jsonschema.Draft202012Validator(schema).is_valid({"name": "Nothing"})
