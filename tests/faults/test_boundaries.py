"""Every commit of a worker or a consumer is among the failpoints, and every failpoint is somewhere in the code."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from decommerce.failpoints import BOUNDARIES, POINTS, SINGLE_POINTS
from tests.environment import REPOSITORY
from tests.faults.errands import Errands
from tests.faults.promises.boundaries import DELETING, IDEMPOTENT, STOPPING, WEB
from tests.faults.workload import BURST, Workload, community
from tests.faults.world import world
from tests.scenarios.plugins.commits import COMMIT, STATEMENT
from tests.waiting import until
from tests.workers.mail_server import running_mail_server

PACKAGES = ("decommerce", "apps_engine", "workers", "mcp_gateway")


def test_every_point_of_the_registry_is_in_the_code():
    paths = [path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")]
    texts = [path.read_text() for path in paths if path.name != "failpoints.py"]
    missing = [name for name in BOUNDARIES + SINGLE_POINTS if not any(f'"{name}' in text for text in texts)]
    assert not missing


def test_every_commit_that_changes_something_has_a_name(service_environment, database, tmp_path):
    with world("commits", {**service_environment, "DATABASE_URL": database}, tmp_path) as made:
        trace = made.trace
        trace.touch()
        workload = Workload(made)
        with running_mail_server() as mail, made.fleet(1, EMAIL_URL=f"smtp://127.0.0.1:{mail.port}"):
            errands = Errands(made, community(made, 9), mail)
            workload.emit(BURST * 10)
            errands.run(poison=True)
            workload.wait()
            until(errands.settled, "the errands are done")
            until(lambda: "dead.committed" in trace.read_text(), "poison ends")
    events = defaultdict(list)
    for line in trace.read_text().splitlines():
        process, thread, event = line.split()
        events[process, thread].append(event)
    unnamed = []
    for thread in events.values():
        for before, after in pairwise(["", *thread, ""]):
            if after == COMMIT and not before.endswith(".committing"):
                unnamed.append((before, after))
            if before == STATEMENT and not after.endswith(".committed"):
                unnamed.append((before, after))
    assert not unnamed
    reached = {event for thread in events.values() for event in thread} & POINTS
    # Not each time, as it depends on who is faster.
    sometimes = {
        point
        for point in POINTS
        if point.partition(".")[0] in ("requeue", "heartbeat", "outbox", "batch", "batch_undone")
    }
    assert reached >= POINTS - IDEMPOTENT - STOPPING - WEB - DELETING - sometimes
