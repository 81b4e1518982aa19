"""Connected accounts, without their tokens. Connecting one takes a browser: `/accounts/`."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation, page_of
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import instant
from decommerce.accounts.connections import disconnect, others_accounts, own_accounts
from decommerce.accounts.models import ConnectedAccount
from decommerce.accounts.service import granted_services


class AccountsView(ApiView):
    """The accounts that apps read with."""

    @operation("List connected accounts", result=page_of("Account"))
    def get(self, request: Request) -> Response:
        """One's own; for admins also that those of others exist, without name or address. A key has none of its own."""
        own = [_account(account, mine=True) for account in own_accounts(self.principal)]
        others = [_account(account, mine=False) for account in others_accounts(self.principal)]
        return Response({"items": own + others})


class AccountView(ApiView):
    """One connected account."""

    @operation("Disconnect an account", status=204)
    def delete(self, request: Request, account_id: int) -> Response:
        """One's own only. Its tokens are deleted at once and its permission is given back."""
        disconnect(self.principal, account_id)
        return Response(status=204)


def _account(account: ConnectedAccount, *, mine: bool) -> dict[str, Any]:
    return {
        "id": account.pk,
        "mine": mine,
        "person": str(account.user),
        "provider": account.provider,
        "name": account.name if mine else None,
        "email": account.email if mine else None,
        "services": [service.name for service in granted_services(account.scopes)],
        "state": account.state,
        "last_error": account.last_error,
        "connected_at": instant(account.connected_at),
        "used_at": instant(account.used_at),
    }
