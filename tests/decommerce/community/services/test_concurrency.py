"""Services called at the same time lose nothing and write nothing twice."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from decommerce.community.models import Member
from decommerce.community.services import posts, xp
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_awards_made_at_the_same_time_are_all_booked(tenant, make_member):
    pair = [make_member().pk, make_member().pk]

    def award(worker: int) -> None:
        for turn in range(10):
            # Every other worker names the members the other way round: locks are taken in one order all the same.
            order = pair if worker % 2 else pair[::-1]
            with tenant_scope(tenant.pk):
                xp.award_xp([xp.XpAward(pk, 1, "Race", f"{worker}:{turn}:{pk}") for pk in order])
        connections.close_all()

    threads = [threading.Thread(target=award, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(tenant.pk):
        assert list(Member.objects.filter(pk__in=pair).values_list("xp", flat=True)) == [40, 40]


def test_the_same_post_written_at_the_same_time_is_written_once(tenant, make_member):
    author = make_member()
    outcomes = []

    def write() -> None:
        with tenant_scope(tenant.pk):
            outcomes.extend(posts.create_posts([posts.NewPost(author.pk, "Once", idem_key="once")]))
        connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.outcome for result in outcomes) == ["created", "duplicate", "duplicate", "duplicate"]
    assert len({result.post_id for result in outcomes}) == 1
