"""RabbitMQ as the broker, by one setting (OPS-02)."""

from __future__ import annotations

import pytest
from celery import Celery
from django.conf import settings as django_settings

from apps_engine.services import hints
from apps_engine.services.apps import create_app
from decommerce.community import publisher
from decommerce.operations.figures import queue_lengths
from decommerce.tenancy.context import tenant_scope
from tests.rabbitmq_server import is_installed, running_rabbitmq
from tests.scenarios.definitions import stamping
from tests.waiting import until

OPTIONS = {"confirm_publish": True, "max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
QUEUES = {"runs", "calls", "delivery", "maintenance", "events"}


@pytest.fixture
def rabbitmq(settings, monkeypatch, tmp_path):
    """A server, and this process at it."""
    if not is_installed():
        pytest.skip("rabbitmq-server is not installed here (Debian: apt-get install rabbitmq-server)")
    folder = tmp_path / "rabbitmq"
    folder.mkdir()
    with running_rabbitmq(folder) as server:
        settings.CELERY_BROKER_URL, settings.BROKER_IS_RABBITMQ = server.url, True
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = OPTIONS
        here = Celery("here", broker=server.url, set_as_current=False)
        here.conf.update(task_queues=django_settings.CELERY_TASK_QUEUES, task_default_queue="runs")
        here.conf.broker_transport_options = OPTIONS
        here.conf.task_routes = django_settings.CELERY_TASK_ROUTES
        monkeypatch.setattr(hints, "current_app", here)
        publisher.broker_connection.cache_clear()
        yield server
    publisher.broker_connection.cache_clear()


@pytest.mark.requirement("OPS-02")
def test_events_and_hints_go_by_rabbitmq_and_the_sweep_does_the_work_once_it_is_gone(
    processes, rabbitmq, redis, tenant, principal, members, start_runs, stamps, wait_for_states
):
    with tenant_scope(tenant.pk):
        joined = {"type": "event", "event": "member.joined"}
        create_app(principal, stamping("{{ trigger.member.id }}", trigger=joined))
    people = members(50)
    assert queue_lengths()["events"] > 0
    worker = processes.worker(BROKER_URL=rabbitmq.url)
    processes.consumer(BROKER_URL=rabbitmq.url)
    until(lambda: len(stamps()) == 50, "fifty members are stamped")
    assert worker.says("Connected to amqp://")
    assert worker.says("Task workers.run")
    until(lambda: set(queue_lengths().values()) == {0}, "the queues are empty")
    assert set(queue_lengths()) == QUEUES
    assert not any(redis.exists(f"{django_settings.QUEUE_NAMESPACE}:{name}") for name in QUEUES)
    rabbitmq.kill()
    wait_for_states(start_runs(stamping(people[0], "later", name="Later"), 10), "succeeded")
    assert worker.popen.poll() is None
