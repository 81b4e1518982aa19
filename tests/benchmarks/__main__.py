"""`make bench`: what the engine costs, as ratios against floors measured in the same run, variants interleaved.

Prints numbers and checks that the work was really done; asserts no timing, since machines differ.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import django

from tests.benchmarks.services import durable_services
from tests.databases import copy_template, drop_database, make_template

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run every benchmark, or those named on the command line, in a database of its own."""
    database = f"test_{os.getpid()}_bench"
    with durable_services(REPOSITORY) as services:
        os.environ.update(services.environment(database), DJANGO_SETTINGS_MODULE="tests.benchmarks.settings")
        copy_template(services, make_template(services, REPOSITORY), database)
        try:
            django.setup()
            logging.disable(logging.INFO)
            # Models can be imported only once Django is set up.
            from tests.benchmarks.suite import run_all

            run_all({**os.environ, **services.environment(database)}, services.database_url(database), sys.argv[1:])
        finally:
            drop_database(services, database)


if __name__ == "__main__":
    main()
