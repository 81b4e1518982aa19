"""`make eval`: every request of the evaluation put to a model, and the share that comes out right.

The offline composer without a key; with ANTHROPIC_API_KEY set, the connected model too, at its price. `--held-out`
names what went wrong among the requests that nobody tunes for: for a look after the work, never during it.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

import django

from tests.databases import copy_template, drop_database, make_template, shared_services

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run the evaluation in a database of its own, on services of the tests."""
    options = argparse.ArgumentParser(prog="make eval", description=__doc__)
    options.add_argument("--held-out", action="store_true", help="tell the faults of held-out requests too")
    chosen = options.parse_args()
    database = f"test_{os.getpid()}_eval"
    with shared_services(REPOSITORY) as services:
        os.environ.update(services.environment(database), DJANGO_SETTINGS_MODULE="decommerce.settings")
        copy_template(services, make_template(services, REPOSITORY), database)
        try:
            django.setup()
            logging.disable(logging.WARNING)
            # Models can be imported only once Django is set up.
            from tests.evaluation.providers import evaluate_all

            evaluate_all(services.database_url(database), held_out=chosen.held_out)
        finally:
            drop_database(services, database)


if __name__ == "__main__":
    main()
