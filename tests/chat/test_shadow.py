"""A draft beside the live version, on the pages (RUN-15)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from apps_engine.services import shadow_turns
from apps_engine.store.models import App, Shadow
from decommerce.tenancy.context import tenant_scope
from tests.chat.test_backtest import TELLING, app_id, words, write

__all__ = ["app_id"]
pytestmark = pytest.mark.requirement("RUN-15")

WIDER = {**TELLING, "triggers": [{**TELLING["triggers"][0], "filter": {"post.body_length": {"lt": 500}}}]}


def begin(browser, number: int):
    return browser.post(f"/apps/{number}/edit/", {"text": json.dumps(WIDER), "version": "1", "deed": "shadow"})


def test_the_editor_sets_a_draft_beside_the_app_and_its_page_compares_them(admin, app_id, tenant, monkeypatch):
    monkeypatch.setattr(shadow_turns, "SETTLED", timedelta(0))
    assert begin(admin, app_id)["Location"] == f"/apps/{app_id}/shadow/?done=shadow-begun"
    assert "See how they compare" in words(admin.get(f"/apps/{app_id}/"))
    write(tenant, 10, 300)
    shadow_turns.take_turns()
    html = words(admin.get(f"/apps/{app_id}/shadow/"))
    assert "2 events since" in html
    assert 'Would have started</td><td data-label="Version 1">1</td><td data-label="Draft">2</td>' in html
    assert "Sends notifications" in html
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=app_id).version_number == 1
    assert admin.post(f"/apps/{app_id}/shadow/")["Location"].endswith("?done=shadow-ended")
    assert "Ended by" in words(admin.get(f"/apps/{app_id}/shadow/"))


def test_a_second_draft_is_refused_in_the_editor_with_the_text_kept(admin, app_id):
    begin(admin, app_id)
    refused = begin(admin, app_id)
    assert refused.status_code == 409
    assert "A draft is beside “Short posts” already." in words(refused)
    assert '"lt": 500' in words(refused)


def test_without_any_the_page_says_what_to_do(admin, app_id):
    html = words(admin.get(f"/apps/{app_id}/shadow/"))
    assert "No draft was beside it yet" in html
    assert "Try beside the live version" in html


def test_who_may_not_change_apps_cannot_end_it(admin, signed_in, make_person, app_id, tenant):
    begin(admin, app_id)
    moderator = signed_in(make_person(tenant, "moderator"))
    assert moderator.post(f"/apps/{app_id}/shadow/").status_code == 403
    with tenant_scope(tenant.pk):
        assert Shadow.objects.get().ended_at is None
