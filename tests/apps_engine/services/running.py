"""A way to run an app without a worker process."""

from __future__ import annotations

from apps_engine.services.execute import execute
from apps_engine.store.claims import claim


def run_now(execution_id: int) -> str:
    """Claim one execution as a worker would and run it; returns the state it ended in."""
    (claimed,) = claim("the test", 1, [execution_id])
    return execute(claimed)
