"""Invitations to a team: one use, an end, and nothing stored that opens anything (SEC-04)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from decommerce.community.models import Member, OutboundMessage
from decommerce.community.services.dead_addresses import DeadEnd, mark_dead
from decommerce.community.services.invitation_mail import AddressDead, body_of, send_invitation
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.audit import list_audit
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.invitation_links import Claim, claim_of, link_of
from decommerce.tenancy.invitations import (
    MOST_OPEN,
    InvitationOver,
    InvitationRefused,
    JoiningRefused,
    claimed_invitation,
    invite,
    join_as,
    join_as_new,
    open_invitations,
    renew_invitation,
    revoke_invitation,
)
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.models import Invitation, Membership, User
from decommerce.tenancy.principal import PermissionRefused, Principal

pytestmark = pytest.mark.requirement("SEC-04")
PASSWORD = "a long enough secret"


@pytest.fixture
def person(admin_user, tenant) -> Principal:
    """The owner of the tenant."""
    return principal_of(admin_user, tenant.pk)


@pytest.fixture
def address(tenant) -> str:
    return f"new@{tenant.slug}.example"


@pytest.fixture
def invitation(person, address) -> Invitation:
    with tenant_scope(person.tenant_id):
        return invite(person, address.upper(), "moderator")


def claim(invitation: Invitation) -> Claim:
    return claim_of(link_of(invitation).rstrip("/").rpartition("/")[2])


def join(invitation: Invitation, name: str = "Ada Lovelace", password: str = PASSWORD) -> Any:
    with tenant_scope(invitation.tenant_id):
        return join_as_new(claim(invitation), name, password)


def test_whoever_has_the_link_joins_once_with_the_role(invitation, address, person):
    user, principal = join(invitation)
    assert (user.email, user.check_password(PASSWORD), principal.role) == (address, True, "moderator")
    assert principal_of(user, invitation.tenant_id) == principal
    with pytest.raises(InvitationOver):
        join(invitation)
    with tenant_scope(invitation.tenant_id):
        assert Member.objects.get(membership__user=user).display_name == "Ada Lovelace"
        assert not open_invitations(person).exists()
        joined, invited = list_audit(person)
    assert (joined.verb, joined.actor_id, invited.verb) == ("team.joined", user.pk, "team.invited")


def test_of_fifty_who_accept_at_once_one_joins(invitation, address):
    def attempt(number: int) -> str:
        try:
            join(invitation, f"Ada {number}")
        except PlatformError as error:
            return error.code
        finally:
            connections.close_all()
        return "joined"

    with ThreadPoolExecutor(25) as pool:
        outcomes = list(pool.map(attempt, range(50)))
    assert sorted(outcomes) == ["invitation_over"] * 49 + ["joined"]
    with tenant_scope(invitation.tenant_id):
        assert Membership.objects.filter(user__email=address).count() == 1


def test_a_link_that_was_changed_or_is_of_another_tenant_opens_nothing(invitation, other_tenant):
    token = link_of(invitation).rstrip("/").rpartition("/")[2]
    for wrong in (token[:-1], f"{token}x", token[1:], "x", ""):
        with pytest.raises(NotFound):
            claim_of(wrong)
    elsewhere = Claim(other_tenant.pk, invitation.pk, invitation.issue)
    with tenant_scope(other_tenant.pk), pytest.raises(InvitationOver):
        claimed_invitation(elsewhere)


def test_a_link_ends_with_its_time_when_it_is_taken_back_and_when_it_is_sent_again(invitation, person):
    with tenant_scope(person.tenant_id):
        renewed = renew_invitation(person, invitation.pk)
        with pytest.raises(InvitationOver):
            claimed_invitation(claim(invitation))
        assert claimed_invitation(claim(renewed)).pk == invitation.pk
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(InvitationOver):
            claimed_invitation(claim(renewed))
        again = renew_invitation(person, invitation.pk)
        revoke_invitation(person, invitation.pk)
        with pytest.raises(InvitationOver):
            claimed_invitation(claim(again))
        with pytest.raises(NotFound):
            renew_invitation(person, invitation.pk)


def test_who_has_an_account_elsewhere_joins_with_it_and_keeps_what_they_are_there(
    person, make_person, other_tenant, tenant
):
    guest = make_person(other_tenant, "owner")
    with tenant_scope(tenant.pk):
        invitation = invite(person, guest.email, "admin")
        with pytest.raises(InvitationRefused):
            join_as_new(claim(invitation), "Somebody", PASSWORD)
        with pytest.raises(InvitationRefused, match="This invitation is for"):
            join_as(claim(invitation), make_person(tenant, "member"))
        join_as(claim(invitation), guest)
    assert principal_of(guest, tenant.pk).role == "admin"
    assert principal_of(guest, other_tenant.pk).role == "owner"
    assert User.objects.get(pk=guest.pk).check_password(guest.raw_password)


def test_a_member_of_the_community_is_raised_and_nobody_of_the_team_is_lowered(person, make_person, tenant):
    member, admin = make_person(tenant, "member"), make_person(tenant, "admin")
    with tenant_scope(tenant.pk):
        raised = invite(person, member.email, "moderator")
        with pytest.raises(InvitationRefused, match="in the team already"):
            invite(person, admin.email, "member")
        late = Invitation.objects.create(
            email=admin.email, role="member", invited_by="x", sent_at=timezone.now(), expires_at=raised.expires_at
        )
        join_as(claim(raised), member)
        with pytest.raises(InvitationRefused):
            join_as(claim(late), admin)
        assert dict(Membership.objects.values_list("user", "role"))[admin.pk] == "admin"
    assert principal_of(member, tenant.pk).role == "moderator"


def test_only_admins_invite_and_only_owners_invite_owners(make_person, tenant, invitation, address):
    admin = principal_of(make_person(tenant, "admin"), tenant.pk)
    moderator = principal_of(make_person(tenant, "moderator"), tenant.pk)
    with tenant_scope(tenant.pk):
        with pytest.raises(InvitationRefused, match="Only owners"):
            invite(admin, "boss@example.org", "owner")
        with pytest.raises(InvitationRefused, match="already"):
            invite(admin, address, "admin")
        for deed in (lambda: invite(moderator, "a@example.org", "member"), lambda: open_invitations(moderator)):
            with pytest.raises(PermissionRefused):
                deed()


@pytest.mark.parametrize(
    "wrong", ["", "nobody", "a@b", f"{'a' * 250}@example.org", "a@example.org\nBcc: b@example.org"]
)
def test_what_is_no_address_is_refused(person, wrong):
    with tenant_scope(person.tenant_id), pytest.raises(InvitationRefused):
        invite(person, wrong, "member")


def test_there_is_an_end_to_open_invitations(person, invitation):
    with tenant_scope(person.tenant_id):
        Invitation.objects.bulk_create(
            Invitation(
                email=f"{number}@example.org",
                role="member",
                invited_by="x",
                sent_at=invitation.sent_at,
                expires_at=invitation.expires_at,
            )
            for number in range(MOST_OPEN - 1)
        )
        with pytest.raises(InvitationRefused, match="invitations are open"):
            invite(person, "one.more@example.org", "member")


@pytest.mark.parametrize(
    ("name", "password"), [(" ", PASSWORD), ("Ada", "short"), ("Ada", "password123"), ("A", "x" * 2000)]
)
def test_a_name_and_a_good_password_are_needed(invitation, name, password):
    with pytest.raises(JoiningRefused):
        join(invitation, name, password)
    with tenant_scope(invitation.tenant_id):
        assert claimed_invitation(claim(invitation))


def test_no_stored_row_holds_the_link_and_the_mail_gets_it_as_it_leaves(invitation, tenant):
    with tenant_scope(tenant.pk):
        send_invitation(invitation)
        message = OutboundMessage.objects.get()
        queue_messages([NewMessage("an app's", "Look: (the link)", "Hi", to_address="b@example.org")])
        other = OutboundMessage.objects.exclude(pk=message.pk).get()
    token = link_of(invitation).rstrip("/").rpartition("/")[2]
    assert token not in message.body
    assert link_of(invitation) in body_of(message)
    assert body_of(other) == "Look: (the link)"
    other.idem_key, other.app_id = message.idem_key, 1
    assert token not in body_of(other)


def test_an_address_that_mail_comes_back_from_is_told(person, tenant, invitation):
    with tenant_scope(tenant.pk):
        mark_dead(invitation.email, DeadEnd("5.1.1", "No such user"))
        with pytest.raises(AddressDead):
            send_invitation(invitation)
