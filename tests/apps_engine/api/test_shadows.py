"""A draft beside the live version over REST (RUN-15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps_engine.services import shadow_turns
from apps_engine.services.ingest import ingest
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import on_event, written_post
from tests.apps_engine.api.test_runs import envelope

pytestmark = pytest.mark.requirement("RUN-15")


def test_a_draft_is_set_beside_an_app_compared_and_ended(api, tenant, monkeypatch):
    monkeypatch.setattr(shadow_turns, "SETTLED", timedelta(0))
    address = f"apps/{api.post('apps', {'definition': on_event()}).json()['id']}/shadow"
    assert api.get(address).json()["code"] == "shadow_not_found"
    trigger = {"id": "written", "type": "event", "event": "post.created", "flow": "main"}
    begun = api.post(address, {"definition": {**on_event(), "triggers": [trigger]}, "days": 1})
    assert (begun.status_code, begun.json()["ended_at"]) == (201, None)
    assert api.post(address, {"definition": on_event()}).json()["code"] == "shadow_under_way"
    ingest([envelope(tenant, "event-1", written_post("goodbye"))])
    shadow_turns.take_turns()
    found = api.get(address).json()
    assert (found["live"]["started"], found["draft"]["started"]) == (0, 1)
    assert api.call("delete", address).json()["end_reason"].startswith("Ended by")
    assert api.call("delete", address).status_code == 404


def test_it_takes_who_may_change_apps_and_read_the_data(api, tenant):
    app = api.post("apps", {"definition": on_event()}).json()
    for scopes in (["apps:read", "apps:write"], ["apps:read", "data:read"]):
        limited = Api(key_of(tenant, scopes))
        assert limited.post(f"apps/{app['id']}/shadow", {"definition": on_event()}).status_code == 403
    assert api.post(f"apps/{app['id']}/shadow", {"definition": on_event(), "days": 15}).status_code == 400
