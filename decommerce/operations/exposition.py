"""What Prometheus scrapes: the counts of the processes, and figures that are read at the moment of asking."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError

from decommerce.operations.figures import Waiting, figures, queue_lengths
from decommerce.operations.presence import presence

# However often it is scraped, the database is asked no more often than this.
FRESH_SECONDS = 5.0
PARTS = ("worker", "consumer", "beat")


class SystemCollector(Collector):
    """Gauges of the whole system; one that cannot be read is left out, which an alert on its absence notices."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._figures: dict[str, Waiting] = {}
        self._lengths: dict[str, int] = {}
        self._silence: dict[str, float] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._read()
        count = GaugeMetricFamily("decommerce_open", "What is open, by kind.", labels=["kind"])
        age = GaugeMetricFamily(
            "decommerce_open_age_seconds", "How long the first has waited, by kind.", labels=["kind"]
        )
        for kind, found in self._figures.items():
            count.add_metric([kind], found.count)
            age.add_metric([kind], found.seconds)
        lengths = GaugeMetricFamily("decommerce_queue_length", "Messages on a queue of the broker.", labels=["queue"])
        for queue, length in self._lengths.items():
            lengths.add_metric([queue], length)
        silence = GaugeMetricFamily(
            "decommerce_silence_seconds", "Since the last sign of life, by part.", labels=["part"]
        )
        for part, seconds in self._silence.items():
            silence.add_metric([part], seconds)
        yield from (count, age, lengths, silence)

    def _read(self) -> None:
        self._figures, self._silence = {}, {}
        with suppress(DatabaseError):
            self._figures = figures()
        with suppress(RedisError):
            heard = {part: presence(part) for part in PARTS}
            self._silence = {part: min(seconds.values()) for part, seconds in heard.items() if seconds}
        self._lengths = queue_lengths()
        self._read_at = time.monotonic()


_system = SystemCollector()


def exposition(system: bool = True) -> bytes:
    """The text of a scrape: what the processes of this machine counted, and with `system` the gauges."""
    counted = generate_latest(counts())
    if not system:
        return counted
    gauges = CollectorRegistry()
    gauges.register(_system)
    return counted + generate_latest(gauges)


def counts() -> CollectorRegistry:
    """What this process counted, or all those that share its folder of files."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def serve_counts() -> None:
    """Answer scrapes on a port of this process's own, where one is set: for workers and consumers on other machines."""
    if settings.METRICS_PORT:
        start_http_server(settings.METRICS_PORT, addr=settings.METRICS_ADDRESS, registry=counts())
