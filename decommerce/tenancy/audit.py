"""Writing the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import Principal


def record_audit(principal: Principal, verb: str, target: str, details: Mapping[str, Any] | None = None) -> None:
    """Add one deed to the log, in the transaction of the deed itself."""
    AuditEntry.objects.create(
        actor_kind=principal.kind,
        actor_id=principal.id,
        actor_label=principal.label[:200],
        verb=verb,
        target=target,
        details=dict(details or {}),
    )
