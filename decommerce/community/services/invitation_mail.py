"""The mail of an invitation. Its link is put in as it leaves, so that no stored message opens anything."""

from __future__ import annotations

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.invitation_links import link_of
from decommerce.tenancy.models import Invitation, Tenant

_KEY = "invitation"
_LINK = "(the link)"
_BODY = f"""{{inviter}} invites you to the team of {{community}} as {{role}}.

Open this link to accept. It is for you alone, works once, and ends on {{ends:%d %B %Y}}:

{_LINK}

If you do not know what this is about, you need do nothing.
"""


class AddressDead(PlatformError):
    """Mail to this address comes back."""

    code = "address_dead"
    status = 409


def send_invitation(invitation: Invitation) -> None:
    """Queue the mail with the link of this issue; raises AddressDead. Needs the tenant's scope."""
    community = Tenant.objects.get(pk=invitation.tenant_id).name
    body = _BODY.format(
        inviter=invitation.invited_by, community=community, role=invitation.role, ends=invitation.expires_at
    )
    subject = f"Your invitation to the team of {community}"
    key = f"{_KEY}:{invitation.pk}:{invitation.issue}"
    (result,) = queue_messages([NewMessage(key, body, subject, to_address=invitation.email)])
    if result.outcome == MessageState.SUPPRESSED:
        raise AddressDead(
            f"Mail to {invitation.email} comes back.", hint="Ask them for another address, or see E-mails in the menu."
        )


def body_of(message: OutboundMessage) -> str:
    """The text of a message as it leaves. No message of an app gets a link, whatever it is called."""
    kind, _, rest = message.idem_key.partition(":")
    if kind != _KEY or message.app_id is not None:
        return message.body
    invitation_id, _, issue = rest.partition(":")
    with tenant_scope(message.tenant_id):
        invitation = Invitation.objects.filter(pk=int(invitation_id), issue=int(issue)).first()
    # Of one that was sent again meanwhile the newer mail has the link.
    link = link_of(invitation) if invitation else "(This invitation was sent again; use the newer e-mail.)"
    return message.body.replace(_LINK, link)
