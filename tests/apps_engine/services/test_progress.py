"""How far a loop is, for people who look while it runs (ACT-03, RUN-08)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from apps_engine.services.apps import create_app
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.runs import get_run, run_app
from decommerce.community.services.members import NewMember, join_many
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.running import run_now
from tests.scenarios.definitions import stamping_everyone
from tests.scenarios.plugins.gates import Gate
from tests.waiting import until

pytestmark = [pytest.mark.requirement("ACT-03"), pytest.mark.requirement("RUN-08")]


@contextmanager
def running(execution_id: int) -> Iterator[list[str]]:
    """The run in a thread of its own; the list holds how it ended."""
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(run_now(execution_id))
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield ended
    thread.join()


def test_each_chunk_of_a_loop_is_seen_from_outside_while_the_run_goes_on(tenant, principal, plugins, tmp_path):
    with tenant_scope(tenant.pk):
        join_many([NewMember(f"Member {n}", f"m{n}@{tenant.slug}.example") for n in range(450)])
        gate = Gate(str(tmp_path / "gate"))
        app = create_app(principal, stamping_everyone(250, gate.path))
        run = run_app(principal, app.pk).pk
    gate.close()

    def shown() -> dict[str, Any]:
        with tenant_scope(tenant.pk):
            return run_as_dict(get_run(principal, run), principal)

    assert shown()["progress"] is None
    with running(run) as ended:
        until(gate.reached, "the loop is in its third chunk")
        seen = shown()
        gate.open()
    assert (seen["state"], seen["items"]) == ("running", 200)
    assert seen["progress"] == {"path": "main/everyone", "done": 200, "total": 450}
    assert ended == ["succeeded"]
    assert shown()["progress"] == {"path": "main/everyone", "done": 450, "total": 450}
