"""Signing in, out, and between communities (SEC-07)."""

from __future__ import annotations

import itertools
import uuid

import pytest
from django.test import Client

from chat.throttle import count_sign_in
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import SESSION_TENANT
from decommerce.tenancy.models import Membership

_hosts = itertools.count(1)


def somewhere() -> str:
    """An address that no other test uses."""
    number = next(_hosts)
    return f"2001:db8:{uuid.uuid4().hex[:4]}::{number:x}"


@pytest.fixture
def visitor() -> Client:
    return Client(REMOTE_ADDR=somewhere())


def attempt(visitor: Client, email: str, password: str, **more):
    return visitor.post("/sign-in/", {"email": email, "password": password, **more})


def test_the_right_password_signs_in(visitor, admin_user):
    answer = attempt(visitor, admin_user.email.upper(), admin_user.raw_password)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert visitor.get("/chat/").status_code == 200


@pytest.mark.requirement("SEC-07")
def test_every_way_to_be_wrong_has_one_answer(visitor, admin_user, make_person, tenant):
    inactive = make_person(tenant, "admin")
    inactive.is_active = False
    inactive.save(update_fields=["is_active"])
    answers = [
        attempt(visitor, admin_user.email, "wrong"),
        attempt(visitor, "nobody@example.org", "wrong"),
        attempt(visitor, inactive.email, inactive.raw_password),
        attempt(visitor, admin_user.email, "x" * 100_000),
        attempt(visitor, "no\x00body@example.org", "wrong\x00"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert {answer.context["fault"] for answer in answers} == {
        "The e-mail address and the password do not match an account."
    }


@pytest.mark.requirement("SEC-07")
def test_the_session_is_a_new_one(visitor, admin_user):
    visitor.get("/sign-in/")
    session = visitor.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    attempt(visitor, admin_user.email, admin_user.raw_password)
    assert visitor.session.session_key != before


@pytest.mark.requirement("SEC-07")
def test_an_account_is_not_guessed_forever_from_wherever(admin_user):
    for _ in range(10):
        count_sign_in(somewhere(), admin_user.email)
    answer = attempt(Client(REMOTE_ADDR=somewhere()), admin_user.email, admin_user.raw_password)
    assert answer.status_code == 429
    assert "Wait a quarter of an hour" in answer.context["fault"]


@pytest.mark.requirement("SEC-07")
def test_an_address_does_not_try_accounts_forever(admin_user):
    address = somewhere()
    for _ in range(60):
        count_sign_in(address, f"{uuid.uuid4().hex}@example.org")
    assert attempt(Client(REMOTE_ADDR=address), admin_user.email, admin_user.raw_password).status_code == 429


def test_each_attempt_counts(visitor, admin_user):
    attempt(visitor, admin_user.email, "wrong")
    for _ in range(9):
        count_sign_in(somewhere(), admin_user.email)
    assert attempt(visitor, admin_user.email, admin_user.raw_password).status_code == 429


def test_being_right_forgets_earlier_mistakes(visitor, admin_user):
    for _ in range(2):
        for _ in range(9):
            count_sign_in(somewhere(), admin_user.email)
        assert attempt(visitor, admin_user.email, admin_user.raw_password).status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_leads_nowhere_else(visitor, admin_user, target):
    answer = attempt(visitor, admin_user.email, admin_user.raw_password, next=target)
    assert answer["Location"] == "/"


def test_it_leads_back_to_the_page_that_was_asked_for(visitor, admin_user):
    asked = visitor.get("/apps/?status=paused")
    assert asked["Location"] == "/sign-in/?next=/apps/%3Fstatus%3Dpaused"
    answer = attempt(visitor, admin_user.email, admin_user.raw_password, next="/apps/?status=paused")
    assert answer["Location"] == "/apps/?status=paused"


@pytest.mark.requirement("SEC-07")
def test_a_form_without_its_token_is_refused(admin_user, signed_in):
    stranger = Client(enforce_csrf_checks=True)
    assert attempt(stranger, admin_user.email, admin_user.raw_password).status_code == 403
    insider = signed_in(admin_user, csrf=True)
    for address in ("/sign-out/", "/tenant/", "/chat/new/", "/notifications/read/", "/community/write/"):
        assert insider.post(address, {"text": "x"}).status_code == 403


def test_signing_out_ends_the_session(admin):
    admin.post("/sign-out/")
    assert admin.get("/chat/").status_code == 302


def test_signing_out_takes_a_press_of_the_button(admin):
    assert admin.get("/sign-out/").status_code == 405


def test_a_person_of_two_communities_chooses(admin, admin_user, other_tenant, tenant):
    with tenant_scope(other_tenant.pk):
        Membership.objects.create(user=admin_user, role="admin")
    assert f"Work in {other_tenant.name}" in admin.get("/apps/").content.decode()
    answer = admin.post("/tenant/", {"tenant": other_tenant.pk}, follow=True)
    assert admin.session[SESSION_TENANT] == other_tenant.pk
    assert f"Work in {tenant.name}" in answer.content.decode()


@pytest.mark.requirement("SEC-01")
def test_nobody_chooses_a_community_of_others(admin, other_tenant):
    assert admin.post("/tenant/", {"tenant": other_tenant.pk}).status_code == 404
    assert SESSION_TENANT not in admin.session


def test_a_member_without_a_role_in_the_team_is_told_so(signed_in, make_person, tenant):
    member = signed_in(make_person(tenant, "member"))
    for address in ("/chat/", "/apps/", "/apps/1/", "/runs/1/"):
        answer = member.get(address)
        assert answer.status_code == 403
        assert f"for the team of {tenant.name}" in answer.content.decode()
    assert member.get("/notifications/").status_code == 200


def test_who_is_in_the_team_is_told_which_roles_a_page_is_for(signed_in, make_person, tenant):
    moderator = signed_in(make_person(tenant, "moderator"))
    html = moderator.get("/keys/").content.decode()
    assert f"This page is for owners and admins of {tenant.name}." in html
    assert "You are signed in as moderator." in html
    assert "as a member" not in html


def test_somebody_without_any_community_is_told_so(signed_in, make_person, tenant):
    person = make_person(tenant, "owner")
    with tenant_scope(tenant.pk):
        Membership.objects.filter(user=person).delete()
    answer = signed_in(person).get("/chat/")
    assert (answer.status_code, "You belong to no community yet" in answer.content.decode()) == (403, True)


def test_an_api_key_opens_no_page(api_key):
    answer = Client().get("/apps/", headers={"Authorization": f"Bearer {api_key}"})
    assert answer.status_code in {302, 403}


def test_the_sign_in_page_is_never_cached(visitor):
    assert "no-store" in visitor.get("/sign-in/")["Cache-Control"]
