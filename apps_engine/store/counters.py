"""The counters of an app."""

from __future__ import annotations

from decommerce.pipelining import send

_COUNT = """
UPDATE engine_app SET runs = runs + %s, consecutive_errors = 0, last_run_at = clock_timestamp() WHERE id = %s
"""


def count_successes(app_id: int, runs: int) -> None:
    """Count runs that ended well. Needs the tenant's scope."""
    send(_COUNT, [runs, app_id])
