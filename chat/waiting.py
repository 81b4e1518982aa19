"""What waits for a person's decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from apps_engine.services.overview import Attention, attention
from chat.models import CallState, PendingCall
from decommerce.accounts.connections import own_accounts
from decommerce.accounts.models import AccountState, ConnectedAccount
from decommerce.tenancy.principal import Principal

_OVER = (AccountState.EXPIRED, AccountState.REVOKED, AccountState.INSUFFICIENT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The person's own proposals and accounts, and what the whole team may settle, each at most `most`."""

    proposals: Sequence[PendingCall]
    attention: Attention
    accounts: Sequence[ConnectedAccount]

    @property
    def something(self) -> bool:
        """Whether anything waits."""
        seen = self.attention
        return bool(self.proposals or seen.stopped or seen.given_up or seen.doubts or self.accounts)


def waiting_for(principal: Principal, most: int) -> Waiting:
    """What waits for the person now. Needs the tenant's scope."""
    calls = PendingCall.objects.filter(
        message__conversation__owner_id=principal.id, state=CallState.PENDING, expires_at__gt=timezone.now()
    )
    return Waiting(
        list(calls.select_related("message__conversation").order_by("-pk")[:most]),
        attention(principal, most=most),
        [account for account in own_accounts(principal) if account.state in _OVER],
    )
