"""Keys, domains, team and audit: what an admin sets up on the pages, and who may not (SEC-04, SEC-05, ACT-02)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from decommerce.outgoing.models import AllowedDomain
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import KeyRefused, authenticate_key
from decommerce.tenancy.models import ApiKey, Membership

ADDRESSES = ("/team/", "/keys/", "/domains/", "/audit/")


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.mark.requirement("SEC-04")
def test_a_key_is_made_shown_once_replaced_and_revoked(admin, tenant):
    form = {"name": "Deploys", "scope": ["apps:read", "apps:run"], "life": "30"}
    answer = admin.post("/keys/", form)
    (secret,) = re.findall(r"dk_[\w-]{30,}", words(answer))
    assert "no-store" in answer["Cache-Control"]
    assert authenticate_key(secret).scopes == {"apps:read", "apps:run"}
    assert secret not in words(admin.get("/keys/"))
    with tenant_scope(tenant.pk):
        key = ApiKey.objects.get()
    assert "in 4 weeks" in words(admin.get("/keys/"))
    (other,) = re.findall(r"dk_[\w-]{30,}", words(admin.post(f"/keys/{key.pk}/replace/")))
    assert authenticate_key(other).scopes == authenticate_key(secret).scopes
    assert "The key is revoked." in words(admin.post(f"/keys/{key.pk}/revoke/", follow=True))
    with pytest.raises(KeyRefused):
        authenticate_key(secret)


@pytest.mark.requirement("SEC-06")
def test_a_key_whose_changes_a_person_confirms_is_made_by_a_box_and_says_so(admin, tenant):
    form = {"name": "Assistant", "scope": ["apps:read", "apps:write"], "life": "30"}
    for confirms in (False, True):
        answer = admin.post("/keys/", {**form, **({"confirms": "1"} if confirms else {})})
        (secret,) = re.findall(r"dk_[\w-]{30,}", words(answer))
        assert authenticate_key(secret).confirms is confirms
        assert ("Asks before each change" in words(answer)) is confirms
    # What was chosen is still there where the form has to be corrected.
    assert 'value="1" aria-describedby="confirms-about" checked' in words(admin.post("/keys/", {"confirms": "1"}))


@pytest.mark.parametrize("form", [{"name": "", "scope": "apps:read"}, {"name": "x"}, {"name": "x", "scope": "all"}])
def test_a_key_without_a_name_or_with_no_or_unknown_scopes_is_not_made(admin, tenant, form):
    assert admin.post("/keys/", form).status_code in {400, 422}
    with tenant_scope(tenant.pk):
        assert not ApiKey.objects.exists()


@pytest.mark.requirement("ACT-02")
def test_a_domain_is_allowed_shows_its_secret_and_is_removed(admin, tenant):
    admin.post("/domains/", {"pattern": "Hooks.Example.com"})
    with tenant_scope(tenant.pk):
        domain = AllowedDomain.objects.get()
    (secret,) = re.findall(r"whsec_[\w+/=]+", words(admin.post(f"/domains/{domain.pk}/secret/")))
    html = words(admin.post(f"/domains/{domain.pk}/secret/", {"new": "1"}))
    assert secret not in html
    assert "For seven days" in html
    assert "No app may call it any more." in words(admin.post(f"/domains/{domain.pk}/remove/", follow=True))


@pytest.mark.parametrize("pattern", ["http://x", "10.0.0.1", "com", ""])
def test_what_is_no_domain_is_refused_beside_its_field(admin, pattern):
    answer = admin.post("/domains/", {"pattern": pattern})
    assert 400 <= answer.status_code < 500
    assert 'aria-invalid="true"' in words(answer)


@pytest.mark.requirement("SEC-05")
def test_the_audit_log_says_who_did_what_and_is_searched(admin, admin_user, make_app, person):
    app_id = make_app()
    admin.post(f"/apps/{app_id}/pause/")
    html = words(admin.get("/audit/"))
    assert f"App paused <code>app:{app_id}</code>" in html
    assert admin_user.display_name in html
    assert "App paused" not in words(admin.get("/audit/?verb=domain."))
    assert "Nothing found" in words(admin.get("/audit/?actor=nobody&before=x"))


def test_an_admin_changes_roles_and_not_those_of_owners_or_their_own(signed_in, make_person, tenant, admin_user):
    boss, helper = make_person(tenant, "admin"), make_person(tenant, "moderator")
    browser = signed_in(boss)
    assert helper.email in words(browser.get("/team/"))
    with tenant_scope(tenant.pk):
        rows = {row.user_id: row.pk for row in Membership.objects.all()}

    def change(person: Any, role: str) -> int:
        return browser.post(f"/team/{rows[person.pk]}/role/", {"role": role}).status_code

    tried = [change(helper, "admin"), change(helper, "owner"), change(admin_user, "member"), change(boss, "owner")]
    assert [*tried, change(helper, "king")] == [302, 409, 409, 409, 409]
    with tenant_scope(tenant.pk):
        assert Membership.objects.get(user=helper).role == "admin"


def test_the_last_owner_stays(signed_in, make_person, tenant, admin_user):
    other = make_person(tenant, "owner")
    with tenant_scope(tenant.pk):
        rows = {row.user_id: row.pk for row in Membership.objects.all()}
    browser = signed_in(admin_user)
    assert browser.post(f"/team/{rows[other.pk]}/role/", {"role": "admin"}).status_code == 302
    assert signed_in(other).post(f"/team/{rows[admin_user.pk]}/role/", {"role": "admin"}).status_code == 409


@pytest.mark.requirement("SEC-01")
def test_others_see_and_change_nothing_of_it(signed_in, make_person, tenant, other_tenant, admin, admin_user):
    admin.post("/keys/", {"name": "Secret key", "scope": "apps:read"})
    admin.post("/domains/", {"pattern": "secret.example.com"})
    with tenant_scope(tenant.pk):
        key, domain = ApiKey.objects.get().pk, AllowedDomain.objects.get().pk
        seat = Membership.objects.get(user=admin_user).pk
    deeds = [
        f"/keys/{key}/revoke/",
        f"/keys/{key}/replace/",
        f"/domains/{domain}/remove/",
        f"/domains/{domain}/secret/",
        f"/team/{seat}/role/",
    ]
    rival = signed_in(make_person(other_tenant, "owner"))
    assert [rival.post(deed, {"role": "member"}).status_code for deed in deeds] == [404] * 5
    for address in ADDRESSES:
        html = words(rival.get(address))
        assert not any(part in html for part in ("Secret key", "secret.example.com", admin_user.email))
    moderator = signed_in(make_person(tenant, "moderator"))
    assert {moderator.get(address).status_code for address in ADDRESSES} == {403}
    assert {moderator.post(deed).status_code for deed in deeds} == {403}
