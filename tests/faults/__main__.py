"""`make faults`: everything that may go wrong, done to a whole system on this machine; status 1 if anything was lost,
repeated or late. `--short` does less of each; names run only those tests; `--list` shows them.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from deploy.local.services import start_services, stop_services
from tests.databases import TestServices, copy_template, drop_database, make_template

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the tests; the exit status."""
    options = _options()
    # Told to stop, it takes what it started with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    root = REPOSITORY / ".test" / "faults"
    root.mkdir(parents=True, exist_ok=True)
    with _services(root) as services:
        database = f"test_{os.getpid()}_faults"
        copy_template(services, make_template(services, REPOSITORY), database)
        try:
            return _run(options, services, database, root)
        finally:
            drop_database(services, database)


def _run(options: argparse.Namespace, services: TestServices, database: str, root: Path) -> int:
    os.environ.update(services.environment(database), DJANGO_SETTINGS_MODULE="tests.scenarios.settings")
    django.setup()
    logging.disable(logging.WARNING)
    # Models can be imported only once Django is set up.
    from tests.faults.outcome import table
    from tests.faults.suite import TESTS, run_all, run_test

    unknown = set(options.names) - set(TESTS)
    if options.list or unknown:
        print("\n".join(f"{name:<16} promises {promise}" for name, (promise, _) in TESTS.items()))
        return 2 if unknown else 0
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="decommerce-faults-"))
    environment = {**os.environ, **services.environment(database)}
    outcomes = run_all(
        options.names or list(TESTS),
        lambda name: run_test(name, environment, folder, root / "services", short=options.short),
    )
    print(f"\n{table(outcomes)}\n\n{time.monotonic() - began:.0f} seconds")
    broken = [outcome.name for outcome in outcomes if not outcome.kept]
    print(f"NOT KEPT: {', '.join(broken)}" if broken else "Every promise was kept.")
    return 1 if broken else 0


@contextmanager
def _services(root: Path) -> Iterator[TestServices]:
    """Services of the suite's own, as durable as a deployment's: it stops and starts them.

    Whoever comes second waits for the first to end.
    """
    with (root / "running").open("w") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        try:
            started = start_services(root / "services")
            yield TestServices(root, started.database_url, started.redis_url)
        finally:
            stop_services(root / "services")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="tests, all of them without any")
    parser.add_argument("--short", action="store_true", help="less of each")
    parser.add_argument("--list", action="store_true", help="their names")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
