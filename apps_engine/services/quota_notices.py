"""Telling the admins that events and schedules start no more runs: once a window, a few times a day (RUN-07)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import partial

from django.db import transaction
from django.utils import timezone

from apps_engine.services.notices import TOPIC, tell_admins_at
from apps_engine.services.quotas import EXECUTIONS, in_words
from apps_engine.store.quotas import Reserved
from decommerce.community.models import Notification
from decommerce.tenancy.context import current_tenant_id

MOST_NOTICES_A_DAY = 3
LINK = "/usage/"
TITLE = "The quota of runs is used up"
RULE = (
    "What would start an app until then is left out, which its page tells, or waits where the app says so "
    "(on_quota). An operator can allow more."
)
# By tenant, the end of the window that this process told of: while a quota is full each batch comes by.
_told: dict[int, datetime] = {}


def tell_of_used_up(window: Reserved) -> None:
    """The tenant's runs of this window are used up. Needs the tenant's scope."""
    tenant_id = current_tenant_id()
    # Where an operator allows nothing, nobody used it up.
    if not window.allowed or _told.get(tenant_id) == window.ends_at:
        return
    transaction.on_commit(partial(_told.__setitem__, tenant_id, window.ends_at))
    today = datetime.combine(timezone.now().astimezone(UTC), time.min, UTC)
    told = Notification.objects.filter(created_at__gte=today, topic=TOPIC, link=LINK, title=TITLE)
    if told.values("body").distinct().count() >= MOST_NOTICES_A_DAY:
        return
    sentence = in_words(EXECUTIONS, window.used, window.allowed, window.ends_at)
    tell_admins_at(LINK, TITLE, f"{sentence} {RULE}", key=f"quota:{EXECUTIONS}:{window.ends_at.isoformat()}")
