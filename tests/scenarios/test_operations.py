"""What operators learn from running processes: their counts, their signs of life, their logs (OPS-01)."""

from __future__ import annotations

import json
import os
import signal
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from decommerce.operations.presence import presence
from deploy.local.ports import free_port
from tests.apps_engine.services.definitions import definition
from tests.scenarios.test_retries import failing
from tests.waiting import until

COUNT = {"id": "posts", "fetch": "posts", "limit": 1}


def counted(port: int) -> dict[tuple[str, ...], float]:
    """What a process answers to a scrape: by name of the sample and its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.requirement("OPS-01")
def test_a_worker_counts_what_its_children_run_tells_that_it_lives_and_logs_json(processes, start_runs, tmp_path):
    folder, port = tmp_path / "metrics", free_port()
    folder.mkdir()
    worker = processes.worker(
        PROMETHEUS_MULTIPROC_DIR=str(folder),
        DECOMMERCE_METRICS_PORT=str(port),
        DECOMMERCE_LOG_FORMAT="json",
    )
    (run,) = start_runs(definition([COUNT], name="Counting"))
    start_runs(failing(retryable=False))
    ended = ("decommerce_runs_total", "succeeded")
    failed = ("decommerce_runs_total", "failed")
    seen = until(lambda: (found := counted(port)).get(ended) and found.get(failed) and found, "both runs are counted")
    assert (seen[ended], seen[failed]) == (1, 1)
    assert seen["decommerce_run_failures_total", "never_works"] == 1
    assert seen[("decommerce_run_waiting_seconds_count",)] == 2
    mine = f":{worker.popen.pid}"
    until(lambda: [name for name in presence("worker") if name.endswith(mine)], "the worker says that it lives")
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    assert [line for line in lines if line.get("run_id") == run and line["message"].endswith("succeeded")]


@pytest.mark.requirement("OPS-01")
def test_a_consumer_that_is_frozen_falls_silent(processes):
    consumer = processes.consumer()
    mine = f":{consumer.popen.pid}"

    def silence() -> float | None:
        return next((seconds for name, seconds in presence("consumer").items() if name.endswith(mine)), None)

    until(lambda: silence() is not None, "the consumer says that it lives")
    os.kill(consumer.popen.pid, signal.SIGSTOP)
    frozen = silence() or 0.0
    until(lambda: (silence() or 0.0) > max(frozen, 5.5), "its last sign is older than it would be if it lived", 15)
