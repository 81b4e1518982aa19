"""`make conformance`: the official conformance suite of MCP against our transport, keys and dispatch, in both eras."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

from tests.databases import copy_template, drop_database, make_template, shared_services

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the suite in a database of its own, on services of the tests; 0 where no check failed."""
    database = f"test_{os.getpid()}_conformance"
    with shared_services(REPOSITORY) as services:
        os.environ.update(services.environment(database))
        copy_template(services, make_template(services, REPOSITORY), database)
        try:
            django.setup()
            # Models can be imported only once Django is set up.
            from tests.conformance.suite import run_suite

            return run_suite(REPOSITORY / ".conformance")
        finally:
            drop_database(services, database)


if __name__ == "__main__":
    sys.exit(main())
