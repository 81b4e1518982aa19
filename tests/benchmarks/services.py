"""The services that are measured: as durable as a deployment's, and they note when each commit was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deploy.local.services import start_services, stop_services
from tests.databases import TestServices


@contextmanager
def durable_services(repository: Path) -> Iterator[TestServices]:
    """Services of the benchmarks' own, which wait for the disk at each commit; they live as long as the context."""
    root = repository / ".test" / "bench"
    root.mkdir(parents=True, exist_ok=True)
    folder = root / "services"
    services = start_services(folder)
    try:
        with psycopg.connect(services.database_url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        stop_services(folder)
        services = start_services(folder)
        yield TestServices(root, services.database_url, services.redis_url)
    finally:
        stop_services(folder)
