"""Inviting people to a tenant's team (SEC-04): made and ended by admins, accepted once by whoever has the link."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.invitation_links import Claim
from decommerce.tenancy.models import Invitation, Membership, Role, User
from decommerce.tenancy.principal import ROLE_SCOPES, Principal
from decommerce.tenancy.team import LEADING

LIFE = timedelta(days=7)
MOST_OPEN = 100
LONGEST_EMAIL, LONGEST_NAME, LONGEST_PASSWORD = 254, 120, 1024


class InvitationRefused(PlatformError):
    """Nobody can be invited so."""

    code = "invitation_refused"
    status = 409


class InvitationOver(PlatformError):
    """The invitation was accepted, taken back, sent again or has expired."""

    code = "invitation_over"
    status = 410


class JoiningRefused(PlatformError):
    """The name or the password is none."""

    code = "joining_refused"
    status = 422


def open_invitations(principal: Principal) -> QuerySet[Invitation]:
    """Those that nobody accepted or took back, the latest first; some may have expired."""
    principal.require("admin")
    return _open().order_by("-pk")


def invite(principal: Principal, email: str, role: str) -> Invitation:
    """Invite an address; audited. Only owners invite owners. Raises InvitationRefused."""
    principal.require("admin")
    address = _address(email)
    _check_role(principal, role)
    if Membership.objects.filter(user__email=address, role__in=LEADING).exists():
        raise InvitationRefused(f"{address} is in the team already.", hint="Change their role in the list.")
    if _open().count() >= MOST_OPEN:
        raise InvitationRefused(f"{MOST_OPEN} invitations are open.", hint="Take back those that nobody will accept.")
    now = timezone.now()
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=address, role=role, invited_by=principal.label[:200], sent_at=now, expires_at=now + LIFE
            )
    except IntegrityError as error:
        raise InvitationRefused(
            f"{address} is invited already.", hint="Send it again, or take it back first."
        ) from error
    record_audit(principal, "team.invited", f"invitation:{invitation.pk}", {"email": address, "role": role})
    return invitation


def renew_invitation(principal: Principal, invitation_id: int) -> Invitation:
    """A new link for another LIFE; the one before ends; audited. Raises NotFound and InvitationRefused."""
    principal.require("admin")
    invitation = _locked(invitation_id)
    _check_role(principal, invitation.role)
    now = timezone.now()
    invitation.issue += 1
    invitation.invited_by = principal.label[:200]
    invitation.sent_at, invitation.expires_at = now, now + LIFE
    invitation.save(update_fields=["issue", "invited_by", "sent_at", "expires_at"])
    details = {"email": invitation.email, "role": invitation.role}
    record_audit(principal, "team.invitation_renewed", f"invitation:{invitation.pk}", details)
    return invitation


def revoke_invitation(principal: Principal, invitation_id: int) -> None:
    """Take an invitation back: its link ends at once; audited. Raises NotFound."""
    principal.require("admin")
    invitation = _locked(invitation_id)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record_audit(principal, "team.invitation_revoked", f"invitation:{invitation.pk}", {"email": invitation.email})


def claimed_invitation(claim: Claim, *, lock: bool = False) -> Invitation:
    """The invitation of a link, in the scope of its tenant; raises InvitationOver where the link is good no more."""
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects
    found = rows.filter(pk=claim.invitation_id, issue=claim.issue, accepted_at=None, revoked_at=None).first()
    if found is None or found.has_expired(timezone.now()):
        raise InvitationOver(
            "This invitation is no longer good.", hint="It was used, taken back or is too old. Ask for a new one."
        )
    return found


def join_as(claim: Claim, user: User) -> Principal:
    """Somebody who has an account accepts; the caller made sure that it is theirs. Needs the scope of the tenant.

    A member gets the role; whoever leads already keeps theirs and is refused. Raises InvitationOver and
    InvitationRefused.
    """
    invitation = claimed_invitation(claim, lock=True)
    if user.email != invitation.email:
        raise InvitationRefused(
            f"This invitation is for {invitation.email}.", hint=f"You are signed in as {user.email}: sign out first."
        )
    return _seat(invitation, user)


def join_as_new(claim: Claim, name: str, password: str) -> tuple[User, Principal]:
    """Somebody without an account accepts, with a name and a password. Needs the scope of the tenant.

    Raises InvitationOver, JoiningRefused, and InvitationRefused where the address has an account meanwhile.
    """
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise JoiningRefused("Say what you are called.")
    # The lock comes first: of many who try at once, one costs the making of a hash.
    invitation = claimed_invitation(claim, lock=True)
    _check_password(password, User(email=invitation.email, display_name=name))
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, display_name=name)
    except IntegrityError as error:
        raise InvitationRefused(
            f"{invitation.email} has an account already.", hint="Open the link again and give its password."
        ) from error
    return user, _seat(invitation, user)


def _seat(invitation: Invitation, user: User) -> Principal:
    seat = Membership.objects.select_for_update().filter(user=user).first()
    if seat is None:
        Membership.objects.create(user=user, role=invitation.role)
    elif seat.role in LEADING:
        raise InvitationRefused("You are in the team already.", hint="Just sign in.")
    else:
        seat.role = invitation.role
        seat.save(update_fields=["role"])
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    role = invitation.role
    principal = Principal("user", user.pk, str(user), invitation.tenant_id, ROLE_SCOPES[role], role)
    record_audit(principal, "team.joined", f"user:{user.pk}", {"invitation": invitation.pk, "role": role})
    return principal


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None)


def _locked(invitation_id: int) -> Invitation:
    found = _open().select_for_update().filter(pk=invitation_id).first()
    if found is None:
        raise NotFound(f"There is no open invitation {invitation_id}.", hint="Look at the list of the team.")
    return found


def _check_role(principal: Principal, role: str) -> None:
    if role not in Role.values:
        raise InvitationRefused(f"There is no role “{role}”.", hint=f"Roles: {', '.join(Role.values)}.")
    if role == Role.OWNER and principal.role != Role.OWNER:
        raise InvitationRefused("Only owners invite owners.", hint="Ask an owner.")


def _check_password(password: str, user: User) -> None:
    if len(password) > LONGEST_PASSWORD:
        raise JoiningRefused("This password is too long.", hint=f"Use {LONGEST_PASSWORD} characters at most.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise JoiningRefused(" ".join(error.messages)) from error


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvitationRefused("That is no e-mail address.", hint="Write it like name@example.com.") from error
    if len(address) > LONGEST_EMAIL:
        raise InvitationRefused("That address is too long.", hint=f"{LONGEST_EMAIL} characters at most.")
    return address
