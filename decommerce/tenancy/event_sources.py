"""Which key may send events from which source, so that no program speaks for another one (TRG-08, SEC-04)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from decommerce.tenancy.models import ApiKey
from decommerce.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class Sources:
    """The source that a sender has to itself, if any, and those that others have."""

    own: str
    others: Collection[str]

    def refusal(self, source: str) -> str:
        """Why the sender may not use the source; empty where it may."""
        if self.own and not _below(source, self.own):
            return f"This key sends from {self.own} and below it."
        taken = next((other for other in self.others if _below(source, other) and len(other) > len(self.own)), None)
        return "" if taken is None else f"{taken} belongs to another key."


def sources_of(principal: Principal) -> Sources:
    """What a principal may send from. Keys that have ended hold nothing. Needs the tenant's scope."""
    now = timezone.now()
    living = ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
    held = dict(living.exclude(event_source="").values_list("pk", "event_source"))
    own = held.get(principal.id or 0, "") if principal.kind == "api_key" else ""
    # Two keys of one source are the same program, say while one takes the other's place.
    return Sources(own, {source for source in held.values() if source != own})


def _below(source: str, holder: str) -> bool:
    return source == holder or source.startswith(f"{holder}/")
