"""`make screenshots`: the pages with a demo community, as pictures in docs/screenshots.

Needs Chromium. Everything it stores is in a database of its own, which is gone at the end.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import django

from tests.databases import copy_template, drop_database, make_template, shared_services

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "docs" / "screenshots"


def main() -> None:
    """Draw every page, or those named on the command line, into the folder."""
    database = f"test_{os.getpid()}_screenshots"
    with shared_services(REPOSITORY) as services:
        # The driver of the browser keeps an event loop, beside which Django refuses to ask the database.
        os.environ.update(services.environment(database), DJANGO_ALLOW_ASYNC_UNSAFE="true")
        copy_template(services, make_template(services, REPOSITORY), database)
        try:
            django.setup()
            logging.disable(logging.WARNING)
            # Models can be imported only once Django is set up.
            from tests.screenshots.drawing import draw

            draw({**os.environ, **services.environment(database)}, FOLDER, sys.argv[1:])
        finally:
            drop_database(services, database)


if __name__ == "__main__":
    main()
