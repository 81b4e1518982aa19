"""The links of invitations: signed, and made anew for each mail instead of being stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from decommerce.tenancy.errors import NotFound
from decommerce.tenancy.models import Invitation

PATH = "invitation"
_SALT = "decommerce.invitation"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link says: the tenant, the invitation there, and which of its mails the link is from."""

    tenant_id: int
    invitation_id: int
    issue: int


def link_of(invitation: Invitation) -> str:
    """The address that accepts the invitation; whoever has it may join."""
    token = _signer().sign_object([invitation.tenant_id, invitation.pk, invitation.issue])
    return f"{settings.PUBLIC_URL.rstrip('/')}/{PATH}/{token}/"


def claim_of(token: str) -> Claim:
    """What a link says; raises NotFound for one that we did not write."""
    try:
        tenant_id, invitation_id, issue = _signer().unsign_object(token)
    except signing.BadSignature as error:
        raise NotFound("This link is not complete.", hint="Copy it from the e-mail as a whole.") from error
    return Claim(tenant_id, invitation_id, issue)


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)
