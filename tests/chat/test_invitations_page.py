"""Inviting somebody on the team's page, and accepting by the link in the mail (SEC-04)."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from decommerce.community.models import OutboundMessage
from decommerce.community.services.invitation_mail import body_of
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Invitation, Membership, User
from tests.chat.test_settings_pages import words

pytestmark = pytest.mark.requirement("SEC-04")
PASSWORD = "a long enough secret"


@pytest.fixture
def visitor() -> Client:
    """Somebody whose address no other test uses."""
    return Client(REMOTE_ADDR=f"2001:db8:{uuid.uuid4().hex[:4]}::1")


@pytest.fixture
def address(tenant) -> str:
    return f"new@{tenant.slug}.example"


def mailed(tenant: Any) -> list[str]:
    """The paths of the links in the mails of a tenant, in their order."""
    with tenant_scope(tenant.pk):
        bodies = [body_of(message) for message in OutboundMessage.objects.order_by("pk")]
    return [match[0] for body in bodies if (match := re.search(r"/invitation/[^\s]+/", body))]


def test_somebody_is_invited_sets_a_password_and_is_in(admin, visitor, tenant, address):
    answer = admin.post("/team/invitations/", {"email": address, "role": "moderator"}, follow=True)
    assert "The invitation is on its way." in words(answer)
    assert address in words(answer)
    (link,) = mailed(tenant)
    page = visitor.get(link)
    assert "no-store" in page["Cache-Control"]
    assert tenant.name in words(page)
    refused = visitor.post(link, {"name": "Ada", "password": "short"})
    assert (refused.status_code, "too short" in words(refused)) == (422, True)
    joined = visitor.post(link, {"name": "Ada", "password": PASSWORD}, follow=True)
    assert "Welcome to the team." in words(joined)
    assert visitor.get("/apps/").status_code == 200
    assert visitor.get("/team/").status_code == 403
    for again in (Client().get(link), Client().post(link, {"name": "Eve", "password": PASSWORD})):
        assert (again.status_code, "no longer good" in words(again)) == (410, True)
    assert "Ada" in words(admin.get("/team/"))


def test_an_account_of_elsewhere_joins_with_its_password_only(admin, visitor, make_person, tenant, other_tenant):
    guest = make_person(other_tenant, "owner")
    admin.post("/team/invitations/", {"email": guest.email, "role": "admin"})
    (link,) = mailed(tenant)
    assert "Your name" not in words(visitor.get(link))
    refused = visitor.post(link, {"password": "wrong", "name": "Eve"})
    assert (refused.status_code, "_auth_user_id" in visitor.session) == (422, False)
    assert "Welcome to the team." in words(visitor.post(link, {"password": guest.raw_password}, follow=True))
    assert f"owner of {other_tenant.name}" not in words(visitor.get("/home/"))


def test_who_is_signed_in_with_the_address_joins_with_one_press(admin, signed_in, make_person, tenant, other_tenant):
    guest = make_person(other_tenant, "owner")
    admin.post("/team/invitations/", {"email": guest.email, "role": "admin"})
    (link,) = mailed(tenant)
    browser = signed_in(guest)
    assert 'type="password"' not in words(browser.get(link))
    assert browser.post(link)["Location"] == "/home/?done=joined"


def test_it_is_sent_again_and_taken_back(admin, visitor, tenant, address):
    admin.post("/team/invitations/", {"email": address, "role": "member"})
    with tenant_scope(tenant.pk):
        number = Invitation.objects.get().pk
    assert admin.post(f"/team/invitations/{number}/again/").status_code == 302
    (new,) = mailed(tenant)
    assert visitor.get(new).status_code == 200
    assert "taken back" in words(admin.post(f"/team/invitations/{number}/revoke/", follow=True))
    assert visitor.get(new).status_code == 410
    assert admin.post(f"/team/invitations/{number}/again/").status_code == 404


@pytest.mark.parametrize(("form", "status"), [({"email": "x"}, 409), ({"email": "a@example.org", "role": "king"}, 409)])
def test_what_is_wrong_is_told_beside_the_form_and_nothing_is_sent(admin, tenant, form, status):
    answer = admin.post("/team/invitations/", form)
    assert (answer.status_code, 'role="alert"' in words(answer)) == (status, True)
    assert mailed(tenant) == []


@pytest.mark.requirement("SEC-07")
def test_only_so_many_go_out_in_an_hour(admin, tenant):
    for number in range(30):
        admin.post("/team/invitations/", {"email": f"{number}@example.org", "role": "member"})
    refused = admin.post("/team/invitations/", {"email": "more@example.org", "role": "member"})
    assert (refused.status_code, len(mailed(tenant))) == (429, 30)


@pytest.mark.requirement("SEC-01")
def test_others_see_and_change_none_of_it(admin, signed_in, make_person, tenant, other_tenant, address):
    admin.post("/team/invitations/", {"email": address, "role": "member"})
    with tenant_scope(tenant.pk):
        number = Invitation.objects.get().pk
    deeds = [f"/team/invitations/{number}/{deed}/" for deed in ("again", "revoke")]
    rival = signed_in(make_person(other_tenant, "owner"))
    assert [rival.post(deed).status_code for deed in deeds] == [404, 404]
    assert address not in words(rival.get("/team/"))
    moderator = signed_in(make_person(tenant, "moderator"))
    assert {moderator.post(deed).status_code for deed in [*deeds, "/team/invitations/"]} == {403}
    (link,) = mailed(tenant)
    taken = rival.post(link, {"name": "Eve", "password": PASSWORD})
    # Signed in as somebody else, they join as whoever the invitation is for, or not at all.
    assert taken.status_code == 302
    with tenant_scope(tenant.pk):
        joined = Membership.objects.get(user__email=address)
    assert User.objects.get(pk=joined.user_id).display_name == "Eve"
