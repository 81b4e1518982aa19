"""The page of an app that needs updating: what goes away, and one button (APP-10)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from apps_engine.services.apps import create_app, current_version, get_app
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.conftest import deprecate, old_action
from tests.apps_engine.services.definitions import definition

__all__ = ["deprecate", "old_action"]

pytestmark = pytest.mark.requirement("APP-10")

TELL = {"to": "moderators", "title": "Hi", "body": "There"}
NEEDED = "This app needs updating"


@pytest.fixture
def app_of(tenant, person):
    """Make an app of one action."""

    def make(action: str) -> int:
        with tenant_scope(tenant.pk):
            return create_app(person, definition([{"act": action, "params": TELL}])).pk

    return make


def page(browser, number: int) -> str:
    html = browser.get(f"/apps/{number}/").content.decode()
    if "PAGES" in os.environ:
        Path(os.environ["PAGES"], f"{number}-{NEEDED in html}.html").write_text(html)
    return html


def test_an_app_that_uses_what_goes_away_is_upgraded_with_one_button(
    admin, tenant, person, app_of, deprecate, old_action
):
    number = app_of("notify_old")
    assert NEEDED not in page(admin, number)
    deprecate("notify_old", 7, "send_notification")
    assert NEEDED not in page(admin, number)
    deprecate("notify_old", 8, "send_notification")
    html = page(admin, number)
    assert NEEDED in html
    assert "<code>notify_old</code> goes away; <code>send_notification</code> takes its place." in html
    assert f'action="/apps/{number}/upgrade/"' in html
    answer = admin.post(f"/apps/{number}/upgrade/")
    assert answer["Location"] == f"/apps/{number}/?done=upgraded"
    assert NEEDED not in page(admin, number)
    with tenant_scope(tenant.pk):
        version = current_version(get_app(person, number))
    assert (version.number, version.definition["flows"]["main"]["steps"][0]["act"]) == (2, "send_notification")


def test_what_was_removed_already_is_shown_too(admin, app_of, deprecate, old_action):
    number = app_of("notify_old")
    deprecate("notify_old", 30, "send_notification")
    old_action()
    html = page(admin, number)
    assert NEEDED in html
    assert "`notify_old` is no longer there" in html.replace("<code>", "`").replace("</code>", "`")


def test_what_nothing_replaces_is_left_to_its_author(admin, app_of, deprecate):
    number = app_of("send_notification")
    deprecate("send_notification", 8)
    html = page(admin, number)
    assert "<code>send_notification</code> goes away and nothing takes its place" in html
    assert f"/apps/{number}/upgrade/" not in html


@pytest.mark.requirement("SEC-01")
def test_nobody_of_another_community_upgrades_it(client, other_tenant, make_person, app_of, deprecate, old_action):
    number = app_of("notify_old")
    deprecate("notify_old", 9, "send_notification")
    stranger = make_person(other_tenant, "owner")
    client.force_login(stranger)
    assert client.post(f"/apps/{number}/upgrade/").status_code == 404
