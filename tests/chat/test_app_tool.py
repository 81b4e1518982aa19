"""Offering an app to AI agents from its page, app by app (MCP-06)."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from apps_engine.services.offering import offered_apps
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("MCP-06")

BY_HAND = {"id": "by_hand", "type": "manual", "flow": "main"}
MONDAYS = {"id": "monday", "type": "scheduled", "cron": "0 9 * * 1", "flow": "main"}


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_an_app_is_offered_by_a_button_and_withdrawn_by_another(admin, make_app, person, tenant):
    app_id = make_app("Digest now", triggers=[BY_HAND])
    assert "Offer it to AI agents" in words(admin.get(f"/apps/{app_id}/"))
    html = words(admin.post(f"/apps/{app_id}/offer/", follow=True))
    assert "AI agents of the community can call the app now." in html
    assert f"<code>run_digest_now_{app_id}</code>" in html
    with tenant_scope(tenant.pk):
        assert [found.app.pk for found in offered_apps(person)] == [app_id]
    assert "Offer it to AI agents" in words(admin.post(f"/apps/{app_id}/withdraw/", follow=True))
    with tenant_scope(tenant.pk):
        assert offered_apps(person) == []


def test_what_cannot_be_started_by_hand_has_no_button_and_is_refused(admin, make_app):
    app_id = make_app(triggers=[MONDAYS])
    assert "AI agents" not in words(admin.get(f"/apps/{app_id}/"))
    assert admin.post(f"/apps/{app_id}/offer/").status_code == 409


def test_neither_a_moderator_nor_another_community_offers_it(
    signed_in, make_person, make_app, other_tenant, person, tenant
):
    app_id = make_app(triggers=[BY_HAND])
    moderator = signed_in(make_person(tenant, "moderator"))
    assert "Offer it to AI agents" not in words(moderator.get(f"/apps/{app_id}/"))
    assert moderator.post(f"/apps/{app_id}/offer/").status_code == 403
    assert signed_in(make_person(other_tenant, "owner")).post(f"/apps/{app_id}/offer/").status_code == 404
    with tenant_scope(tenant.pk):
        assert offered_apps(person) == []
