"""What the processes count (OPS-01), as Prometheus reads it. No label names a tenant or anything that people wrote.

Processes on one machine add up through the files of `PROMETHEUS_MULTIPROC_DIR`; see docs/operations.md.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

SECONDS = (0.01, 0.05, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000)
REQUEST_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)
# Codes are those of the source; should one ever be made of data, it does not fill the memory of Prometheus.
MOST_CODES = 300

RUNS = Counter("decommerce_runs", "Runs that ended, by their final state.", ["state"])
FAILURES = Counter("decommerce_run_failures", "Attempts of runs that failed, by the code of the error.", ["code"])
RETRIES = Counter("decommerce_run_retries", "Attempts that will be followed by another one.")
WAITING = Histogram("decommerce_run_waiting_seconds", "From due to begun, of runs at first.", buckets=SECONDS)
RUNNING = Histogram("decommerce_run_running_seconds", "From begun to ended, of runs at first.", buckets=SECONDS)
LEASES_LOST = Counter("decommerce_leases_lost", "Runs that a worker let go of, as it was silent for too long.")
SWEEP_FINDS = Counter(
    "decommerce_sweep_finds", "What the sweep found: expired, overdue, exhausted, stranded, left, unfired.", ["what"]
)
HINTS_LOST = Counter("decommerce_hints_lost", "Hints that the queue did not take; the sweep finds the work.")
EVENTS = Counter("decommerce_events", "Events off the queue: accepted, duplicates, dead.", ["outcome"])
DELIVERIES = Counter("decommerce_deliveries", "Attempts to deliver a message.", ["channel", "state"])
MODEL_CALLS = Counter("decommerce_model_calls", "Requests to the AI model: answered, failed.", ["outcome"])
MODEL_TOKENS = Counter("decommerce_model_tokens", "Tokens of the AI model: input, output.", ["kind"])
ROWS_FORGOTTEN = Counter("decommerce_rows_forgotten", "Rows that were kept for long enough, by kind.", ["kind"])
REQUESTS = Histogram(
    "decommerce_http_request_seconds",
    "Answers of the web process, by route.",
    ["method", "route", "status"],
    buckets=REQUEST_SECONDS,
)

_codes: set[str] = set()


def count_failure(code: str) -> None:
    """An attempt that failed with this code."""
    if code not in _codes and len(_codes) >= MOST_CODES:
        code = "other"
    _codes.add(code)
    FAILURES.labels(code).inc()
