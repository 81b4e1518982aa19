"""Backtests over REST (RUN-14)."""

from __future__ import annotations

import pytest

from apps_engine.services.ingest import ingest
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import on_event, short_list, written_post

pytestmark = pytest.mark.requirement("RUN-14")


@pytest.fixture
def past(tenant, other_tenant) -> None:
    """Two posts of the tenant, one of them about boots; and one of another."""
    ingest(
        [
            {
                "specversion": "1.0",
                "id": f"event-{number}",
                "source": "test",
                "type": "post.created",
                "time": "2026-11-21T09:00:00Z",
                "tenantid": community.slug,
                "data": written_post(body),
            }
            for number, (community, body) in enumerate(
                ((tenant, "new boots"), (tenant, "goodbye"), (other_tenant, "their secret boots"))
            )
        ]
    )


@pytest.mark.requirement("SEC-01")
def test_an_app_and_a_draft_are_tried_on_the_events_of_their_own_community(api, past):
    app = api.post("apps", {"definition": on_event()}).json()
    stored = api.post(f"apps/{app['id']}/backtest", {"days": 1})
    draft = api.post("definitions/backtest", {"definition": on_event(), "days": 1})
    for answer in (stored, draft):
        tried = answer.json()
        (trigger,) = tried["triggers"]
        assert (tried["test"], trigger["events"], trigger["started"]) == (True, 2, 1)
        assert trigger["kept_out"][0]["details"]["actual"] == "goodbye"
        assert tried["rehearsals"]["states"] == {"succeeded": 1}
        assert "secret" not in answer.content.decode()
    assert api.get(f"apps/{app['id']}/runs").json()["items"] == []


def test_what_it_cannot_do_it_refuses_with_a_code(api, tenant):
    assert api.post("definitions/backtest", {"definition": on_event(), "days": 32}).status_code == 400
    by_hand = api.post("definitions/backtest", {"definition": short_list()})
    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "nothing_recorded")
    limited = Api(key_of(tenant, ["apps:read", "apps:write"]))
    assert limited.post("definitions/backtest", {"definition": on_event()}).status_code == 403
