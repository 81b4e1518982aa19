"""What a step that fails undoes: all of itself, and nothing of what was done before it (RUN-05)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.runtime.errors import StepError
from apps_engine.services.apps import create_app
from apps_engine.services.engine.work import FencedWork
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import rewarding


@pytest.fixture
def work(tenant, principal, members) -> FencedWork:
    """The transaction of a claimed run in which nothing happened yet."""
    with tenant_scope(tenant.pk):
        run = run_app(principal, create_app(principal, rewarding()).pk)
    (claimed,) = claim("the test", 1, [run.pk])
    return FencedWork(claimed)


@pytest.fixture
def write(members) -> Callable[[str], None]:
    """Writes a row that can be told by its title."""
    return lambda title: Notification.objects.create(member_id=members[0].pk, title=title) and None


def _fail(work: FencedWork, write: Callable[[str], None]) -> None:
    def step() -> None:
        with work.step():
            write("failed")
            raise StepError("No.", code="no")

    with pytest.raises(StepError):
        step()


def _titles(tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(Notification.objects.order_by("pk").values_list("title", flat=True))


@pytest.mark.requirement("RUN-05")
def test_a_step_that_fails_leaves_nothing_wherever_it_stands(work, write, tenant):
    _fail(work, write)
    with work.step():
        write("second")
    _fail(work, write)
    with work.step():
        write("fourth")
    work.commit()
    _fail(work, write)
    work.commit()
    assert _titles(tenant) == ["second", "fourth"]


@pytest.mark.requirement("RUN-05")
def test_what_was_written_before_the_first_step_outlives_its_failure(work, write, tenant):
    work.open()
    write("the answer of a call outside")
    work.check()
    _fail(work, write)
    work.commit()
    assert _titles(tenant) == ["the answer of a call outside"]
