"""How many calls a tenant's apps may make in an hour (ACT-02): the log of calls is what is counted."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from decommerce.outgoing.errors import OutgoingQuotaReached
from decommerce.outgoing.models import OutgoingCall

WINDOW = timedelta(hours=1)


def require_quota() -> None:
    """Raise OutgoingQuotaReached where the last hour had as many calls as OUTGOING_CALLS_PER_HOUR allows.

    Calls under way are not logged yet, so those that workers make at once may pass it. Needs the tenant's scope.
    """
    allowed = settings.OUTGOING_CALLS_PER_HOUR
    oldest = OutgoingCall.objects.order_by("-at").values_list("at", flat=True)[allowed - 1 : allowed].first()
    if oldest is None or oldest <= timezone.now() - WINDOW:
        return
    again = oldest + WINDOW
    raise OutgoingQuotaReached(
        f"The community's apps made {allowed:,} calls within an hour, which is all they may.",
        hint=f"The next one may be made at {again:%H:%M} UTC; call less often, or ask the operator for more.",
    )
