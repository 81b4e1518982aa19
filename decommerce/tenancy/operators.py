"""The people who run the platform, and what they are in a tenant that they look at."""

from __future__ import annotations

from typing import Any

from decommerce.tenancy.models import Operator
from decommerce.tenancy.principal import SCOPES, Principal


def is_operator(user: Any) -> bool:
    """Whether the person of a session runs the platform."""
    return bool(user.is_authenticated and user.is_active and Operator.objects.filter(user_id=user.pk).exists())


def operator_principal(user: Any, tenant_id: int) -> Principal:
    """An operator in one tenant; the tenant's audit log tells them from its own people."""
    return Principal("operator", user.pk, f"{user} (operator)", tenant_id, frozenset(SCOPES))
