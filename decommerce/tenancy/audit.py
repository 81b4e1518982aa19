"""Writing the audit log, and reading it (SEC-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which deeds: of verbs that begin so ("app." or "app.paused"), on this target, by whom, done in [since, until)."""

    verb: str = ""
    target: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def lookups(self) -> dict[str, Any]:
        """As the database is asked."""
        given = {
            "verb__startswith": self.verb,
            "target": self.target,
            "actor_label__icontains": self.actor,
            "at__gte": self.since,
            "at__lt": self.until,
        }
        return {lookup: value for lookup, value in given.items() if value}


EVERYTHING = AuditFilter()


def list_audit(
    principal: Principal, which: AuditFilter = EVERYTHING, *, limit: int = 20, cursor: int | None = None
) -> list[AuditEntry]:
    """The latest deeds, newest first; `cursor` is the number of the last one of the page before."""
    principal.require("admin")
    entries = AuditEntry.objects.filter(**which.lookups())
    if cursor is not None:
        entries = entries.filter(pk__lt=cursor)
    return list(entries.order_by("-pk")[:limit])
