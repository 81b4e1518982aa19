"""A real community and a real shop, imported and moved to these days: what scenario tests run apps on."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.shopify_files import import_files
from decommerce.community.importing.stackexchange.site import import_site
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SHOPPER = "bob.norman@hostmail.com"
# The busiest weeks of that forum; afterwards it falls nearly silent.
UNTIL = datetime(2018, 4, 1, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ImportedCommunity:
    """`ended_at` is when the community's newest activity was; `shopper_id` is the member who bought in the shop."""

    tenant: Tenant
    ended_at: datetime
    shopper_id: int


def import_community(tenant: Tenant, ended_at: datetime) -> ImportedCommunity:
    """Import everything into an empty tenant; takes less than a second."""
    report = ProgressReport(io.StringIO())
    import_site(DATA / "stackexchange", tenant.pk, report, until=UNTIL, ending_at=ended_at, addresses=True)
    with tenant_scope(tenant.pk):
        shopper = Member.objects.order_by("-xp", "pk")[0]
        Member.objects.filter(pk=shopper.pk).update(email=SHOPPER)
    for ago, *names in (
        (timedelta(days=90), "product.json", "products.json", "customers_search.json"),
        (timedelta(days=2), "orders.json"),
        (timedelta(days=1), "refund.json"),
        (timedelta(hours=3), "checkouts.json"),
    ):
        files = [DATA / "shopify" / name for name in names]
        import_files(files, tenant.pk, report, ending_at=ended_at - ago)
    return ImportedCommunity(tenant, ended_at, shopper.pk)


@pytest.fixture(scope="session")
def make_imported_community(database, django_db_blocker) -> Callable[[], ImportedCommunity]:
    """Import another copy, in a tenant of its own."""
    if not DATA.is_dir():
        pytest.skip("the real data is not at ../shared/data")

    def make() -> ImportedCommunity:
        statement = (
            "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES (%s, %s, 'UTC', now()) RETURNING id"
        )
        with psycopg.connect(database, autocommit=True) as owner:
            row = owner.execute(statement, [f"imported-{os.getpid()}-{next(_numbers)}", "Imported"]).fetchone()
        with django_db_blocker.unblock():
            return import_community(Tenant.objects.get(pk=row[0]), timezone.now())

    return make


@pytest.fixture(scope="session")
def imported_community(make_imported_community) -> Iterator[ImportedCommunity]:
    """One import for all tests of this process that only READ it; whoever writes takes `own_imported_community`.

    With times moved so that the newest thing (a badge) was awarded when the tests began and everything else
    keeps its distance from that, there is:

    - the meta forum of a small Stack Exchange site in its first two months: 174 members, 20 rooms (its tags), 104
      questions and answers, 137 comments, 753 reactions (nearly all without a member: dumps do not say who voted), 347
      badges as contributions, the reputation of today as XP (booked on the day the member joined), and everyone who
      wrote in a room is in it. In the last 7 days: 2 posts, 3 comments, 7 reactions; in the last 30: 21, 36, 188; the
      30 before were the busiest. Half of the members were last active when it ended: they came again later.
    - members' addresses are `user-<their number in the dump>@example.org`, so that `external_id` "se:5" has
      `user-5@example.org`; but the member with the most XP has the address of the shop's customer (`SHOPPER`).
    - a shop: 5 products, that customer, one order of two days ago in USD (partially refunded yesterday) and a checkout
      left behind three hours ago.

    There are no missions, rewards, notifications, apps or people who sign in: a test makes what it needs.
    """
    return make_imported_community()


@pytest.fixture
def own_imported_community(make_imported_community) -> ImportedCommunity:
    """The same as `imported_community` in a fresh tenant, for a test that writes."""
    return make_imported_community()
