"""A quota that is used up is told to the admins, once a window and a few times a day (RUN-07)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps_engine.services import quota_notices
from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import EXECUTIONS
from apps_engine.store.quotas import Reserved
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import flagging
from tests.apps_engine.services.test_ingest import event
from tests.apps_engine.services.test_quotas import allow

pytestmark = pytest.mark.requirement("RUN-07")


def test_the_admins_hear_once_a_window_that_runs_are_turned_away_and_a_few_times_a_day(tenant, principal, make_admin):
    make_admin(tenant), make_admin(tenant, "owner"), make_admin(tenant, "moderator")
    with tenant_scope(tenant.pk):
        create_app(principal, flagging() | {"settings": {"concurrency": {"mode": "parallel"}}})
    allow(tenant, EXECUTIONS, 2)
    ingest([event(tenant), event(tenant)])
    assert _told_of_quotas(tenant) == []
    # As several processes would, none of which knows what the others told.
    for processes in (1, 2):
        for _ in range(processes):
            quota_notices._told.clear()
            ingest([event(tenant)])
            ingest([event(tenant) for _ in range(10)])
        told = _told_of_quotas(tenant)
        assert len(told) == 2
    assert told[0].body.startswith("The community has used all of the 2 runs of apps it may have this hour; there are")
    assert (told[0].link, told[0].title) == ("/usage/", "The quota of runs is used up")


def test_a_quota_that_is_used_up_all_day_is_told_three_times(tenant, make_admin):
    make_admin(tenant)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(6):
        starts_at = hour + timedelta(hours=number)
        window = Reserved(EXECUTIONS, 0, 2, 2, starts_at, starts_at + timedelta(hours=1))
        with tenant_scope(tenant.pk):
            quota_notices.tell_of_used_up(window)
    assert len(_told_of_quotas(tenant)) == quota_notices.MOST_NOTICES_A_DAY


def _told_of_quotas(tenant) -> list[Notification]:
    with tenant_scope(tenant.pk):
        return list(Notification.objects.filter(link="/usage/").order_by("pk"))
