"""The OpenAPI document (OPS-04)."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.apps_engine.api.definitions import on_event, short_list
from tests.apps_engine.api.test_isolation import ENDPOINTS, PUBLIC

pytestmark = pytest.mark.requirement("OPS-04")


@pytest.fixture
def document(stranger) -> dict[str, Any]:
    return stranger.get("openapi.json").json()


@pytest.mark.parametrize("endpoint", [row for row in ENDPOINTS if row.name not in PUBLIC], ids=str)
def test_every_endpoint_is_documented_with_its_refusals(endpoint, document):
    path = "/" + endpoint.route.replace("<int:", "{").replace("<slug:", "{").replace(">", "}")
    operation = document["paths"][path][endpoint.method]
    assert operation["summary"]
    assert {"400", "401", "403", "404", "429"} <= set(operation["responses"])
    assert operation["responses"]["400"]["content"]["application/problem+json"]["schema"] == {
        "$ref": "#/components/schemas/Problem"
    }
    assert operation["security"] == [{"apiKey": []}, {"session": []}]


def test_every_reference_of_the_document_leads_somewhere(document):
    def references(node: Any):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(document))
    assert found
    assert {reference.rsplit("/", 1)[1] for reference in found} <= set(document["components"]["schemas"])


def test_real_answers_have_the_documented_shapes(api, document):
    created = api.post("apps", {"definition": short_list()}).json()
    run = api.post(f"apps/{created['id']}/run").json()
    listening = api.post("apps", {"definition": on_event()}).json()
    answers = {
        ("/api/v1/apps", "get", "200"): api.get("apps").json(),
        ("/api/v1/apps", "post", "201"): created,
        ("/api/v1/apps/{app_id}", "get", "200"): api.get(f"apps/{created['id']}").json(),
        ("/api/v1/apps/{app_id}/run", "post", "202"): run,
        ("/api/v1/apps/{app_id}/runs", "get", "200"): api.get(f"apps/{created['id']}/runs").json(),
        ("/api/v1/apps/{app_id}/versions", "get", "200"): api.get(f"apps/{created['id']}/versions").json(),
        ("/api/v1/apps/{app_id}/dry-run", "post", "200"): api.post(f"apps/{created['id']}/dry-run", {}).json(),
        ("/api/v1/definitions/backtest", "post", "200"): api.post(
            "definitions/backtest", {"definition": on_event()}
        ).json(),
        ("/api/v1/apps/{app_id}/shadow", "post", "201"): api.post(
            f"apps/{listening['id']}/shadow", {"definition": on_event()}
        ).json(),
        ("/api/v1/runs/{run_id}", "get", "200"): api.get(f"runs/{run['id']}").json(),
        ("/api/v1/definitions/validate", "post", "200"): api.post(
            "definitions/validate", {"definition": {"name": "x"}}
        ).json(),
        ("/api/v1/keys", "get", "200"): api.get("keys").json(),
        ("/api/v1/catalogue", "get", "200"): api.get("catalogue").json(),
        ("/api/v1/starters", "get", "200"): api.get("starters").json(),
        ("/api/v1/starters/{slug}", "get", "200"): api.get("starters/weekly-digest").json(),
        ("/api/v1/starters/{slug}/preview", "post", "200"): api.post("starters/weekly-digest/preview", {}).json(),
        ("/api/v1/starters/{slug}/apps", "post", "201"): api.post("starters/weekly-digest/apps", {}).json(),
    }
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:api", resource)
    for (path, method, status), answer in answers.items():
        pointer = (
            f"urn:api#/paths/{path.replace('/', '~1')}/{method}/responses/{status}/content/application~1json/schema"
        )
        jsonschema.Draft202012Validator({"$ref": pointer}, registry=registry).validate(answer)
    jsonschema.Draft202012Validator({"$ref": "urn:api#/components/schemas/Problem"}, registry=registry).validate(
        api.post("apps", {"definition": {}}).json()
    )
