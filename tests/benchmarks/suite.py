"""The benchmarks: templates, validation, ingest, runs, loops, and one event from the queue to its effect."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import psycopg
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import SandboxedEnvironment
from redis import Redis

import decommerce.celery
from apps_engine.language.templates import compile_template
from apps_engine.services.apps import create_app
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.store.claims import claim
from apps_engine.store.models import Execution
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Member
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal, system_principal
from tests.apps_engine.services.definitions import flagging
from tests.benchmarks.backlog import backlog, commits_since, lone_event, newest_transaction, telling
from tests.benchmarks.definitions import definitions
from tests.benchmarks.due import due
from tests.benchmarks.durability import durability
from tests.benchmarks.growth import growth
from tests.benchmarks.idle import idle
from tests.benchmarks.looping import loops
from tests.benchmarks.matching import matching
from tests.benchmarks.measure import ROUNDS, judge, medians, report, seconds, summary
from tests.benchmarks.pages import pages
from tests.benchmarks.reading import fetches
from tests.benchmarks.rows import transforms
from tests.scenarios.processes import Processes
from tests.waiting import until

MEMBERS = 1_000
LONE_EVENTS = 40
# One after another, so that nothing which follows on the end of a run is left out.
EVENTS_A_ROUND = 8
ROOM = 1
FLOOR = "a bare Celery task with two commits (floor)"
assert decommerce.celery.app


def run_all(environment: Mapping[str, str], owner_url: str, names: Collection[str]) -> None:
    """Every benchmark, or those that are named; cheap ones first."""
    with psycopg.connect(owner_url, autocommit=True) as owner, tempfile.TemporaryDirectory() as folder:
        owner.execute("CREATE TABLE bench_floor (number int PRIMARY KEY, state text, ended timestamptz)")
        owner.execute("GRANT ALL ON bench_floor TO decommerce_runtime")
        tenant, principal = _community(owner)
        with tenant_scope(tenant.pk):
            create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "parallel"}}})
        processes = Processes(environment, Path(folder))
        processes.environment["DJANGO_SETTINGS_MODULE"] = settings.SETTINGS_MODULE
        suite: Mapping[str, Callable[[], None]] = {
            "templates": templates,
            "definitions": lambda: definitions(tenant, principal),
            "matching": matching,
            "transforms": transforms,
            "fetches": lambda: fetches(owner),
            "pages": lambda: pages(owner, *_community(owner, "pages")),
            "events": lambda: events(tenant, principal),
            "loops": lambda: loops(owner, *_community(owner, "looping")),
            "durability": lambda: durability(owner, *_community(owner, "durable")),
            "latency": lambda: latency(owner, tenant, principal, processes),
            "backlog": lambda: backlog(owner, *_community(owner, "burst"), processes),
            "idle": lambda: idle(owner, _community(owner, "waiting"), processes),
            "due": lambda: due(owner, *_community(owner, "due"), processes),
            "growth": lambda: growth(
                owner, *[_community(owner, slug) for slug in ("small", "large", "idle")], processes
            ),
        }
        for name, benchmark in suite.items():
            if not names or name in names:
                try:
                    benchmark()
                finally:
                    processes.close()
                    _forget(owner)
        summary()


def _forget(owner: psycopg.Connection) -> None:
    """Nobody has taken in or sent what a benchmark left; the next one's processes would, and be measured with it."""
    owner.execute("DELETE FROM community_outboxevent")
    owner.execute("DELETE FROM community_outboundmessage")
    with Redis.from_url(settings.REDIS_URL) as queue:
        queue.flushall()


class _StrictSandbox(SandboxedEnvironment, NativeEnvironment):
    """Jinja2 that keeps the types of values."""


def templates() -> None:
    """Five placeholders and two filters, against Jinja2's sandbox: as it is, and with the checks of this language."""
    scope = {"member": {"name": "ada", "xp": 1200, "level": 4, "room": "Brewing"}, "days": 7}
    text = "Hi {{ member.name | capitalize }}, {{ member.xp }} XP, level {{ member.level }}, {{ member.room | %s }}, %s"
    ours = compile_template(text % ("uppercase", "{{ days }} days"))
    theirs_source = text % ("upper", "{{ days }} days")
    theirs = SandboxedEnvironment(autoescape=False).from_string(theirs_source)
    strict = _StrictSandbox(autoescape=False, undefined=StrictUndefined).from_string(theirs_source)
    assert ours(scope) == theirs.render(scope) == strict.render(scope) == "Hi Ada, 1200 XP, level 4, BREWING, 7 days"
    times = 2_000
    found = medians(
        {
            "Jinja2 sandbox (floor)": lambda: seconds(lambda: [theirs.render(scope) for _ in range(times)]) / times,
            "the same, types kept and missing keys refused": lambda: (
                seconds(lambda: [strict.render(scope) for _ in range(times)]) / times
            ),
            "this language": lambda: seconds(lambda: [ours(scope) for _ in range(times)]) / times,
        }
    )
    report("Rendering a text of five placeholders and two filters", found, "Jinja2 sandbox (floor)")


def events(tenant: Tenant, principal: Principal) -> None:
    """From an envelope to a finished run, in this process, against one INSERT and its commit."""
    with tenant_scope(tenant.pk):
        post = create_posts([NewPost(author_id=Member.objects.first().pk, title="T", body="Short.")])[0].post_id
    found = medians(
        {
            "one INSERT and commit (floor)": lambda: seconds(_one_insert),
            "ingest one event that starts a run": lambda: seconds(lambda: ingest([_event(tenant, post)])),
            "ingest a hundred, per event": lambda: _hundred(tenant, post),
            "claim and execute one run": lambda: _lone_run(tenant, post),
        },
        rounds=15,
    )
    report("Events and runs", found, "one INSERT and commit (floor)")


def latency(owner: psycopg.Connection, tenant: Tenant, principal: Principal, processes: Processes) -> None:
    """A post written by the community service until its app's run has ended, through queue, consumer and worker.

    The floor is a bare Celery task with two commits, from its sending to its second commit, on the same worker. The
    database says when a commit was.
    """
    processes.consumer()
    processes.worker()
    with tenant_scope(tenant.pk):
        author = Member.objects.first().pk
        create_app(principal, telling(ROOM))
    numbers = itertools.count()
    found = medians(
        {
            FLOOR: lambda: _floor(owner, next(numbers)),
            "an event on the queue to its committed effect": lambda: lone_event(owner, tenant, author),
            "a post to the end of the run that it starts": lambda: _story(tenant, author),
        },
        rounds=LONE_EVENTS,
    )
    report("One lone event (median)", found, FLOOR)
    ratio = found["an event on the queue to its committed effect"] / found[FLOOR]
    judge("A lone event to its committed effect, against a bare Celery task", ratio, must=2, goal=1.5, unit="x")
    commits = statistics.median(_commits_a_run(owner, tenant, author) for _ in range(ROUNDS))
    judge("Commits of everybody, per run of a lone event off the queue", commits, must=3, goal=2)


def _commits_a_run(owner: psycopg.Connection, tenant: Tenant, author: int) -> float:
    before = newest_transaction(owner)
    for _ in range(EVENTS_A_ROUND):
        lone_event(owner, tenant, author)
    return commits_since(owner, before) / EVENTS_A_ROUND


def _community(owner: psycopg.Connection, slug: str = "bench") -> tuple[Tenant, Principal]:
    """A tenant with a thousand members."""
    owner.execute(
        "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES (%s, 'Bench', 'UTC', now())", [slug]
    )
    tenant = Tenant.objects.get(slug=slug)
    with tenant_scope(tenant.pk):
        Member.objects.bulk_create(
            Member(email=f"m{n}@{slug}.example", display_name=f"Member {n}") for n in range(MEMBERS)
        )
    return tenant, system_principal(tenant.pk, "the benchmark")


def _event(tenant: Tenant, post_id: int) -> dict[str, Any]:
    data = {**EVENTS["post.created"].sample}
    data["post"] = {**data["post"], "id": post_id, "body_length": 10}
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/bench",
        "type": "post.created",
        "tenantid": tenant.slug,
        "data": data,
    }


def _one_insert() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO engine_deadletter (body, content_type, code, reason, received_at) "
                       "VALUES ('x', '', 'bench', '', now())")  # fmt: skip


def _hundred(tenant: Tenant, post: int) -> float:
    batch = [_event(tenant, post) for _ in range(100)]
    return seconds(lambda: ingest(batch)) / len(batch)


def _lone_run(tenant: Tenant, post: int) -> float:
    ids = ingest([_event(tenant, post)]).executions

    def work() -> None:
        (claimed,) = claim("bench", 1, ids)
        assert execute(claimed) == "succeeded"

    return seconds(work)


def _floor(owner: psycopg.Connection, number: int) -> float:
    began = time.time()
    current_app.send_task("bench.floor", args=[number], queue=settings.CELERY_TASK_DEFAULT_QUEUE)
    query = """
        SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM bench_floor
        WHERE number = %s AND state = 'done'"""
    row = until(lambda: owner.execute(query, [number]).fetchone(), f"task {number} ends")
    return float(row[0]) - began


def _story(tenant: Tenant, author: int) -> float:
    began = time.time()
    with tenant_scope(tenant.pk):
        post = create_posts([NewPost(author_id=author, title="Story", body="Short.")])[0].post_id

    def ended() -> Any:
        with tenant_scope(tenant.pk):
            run = Execution.objects.filter(trigger__post__id=post, state="succeeded").first()
            return run and run.finished_at

    return float(until(ended, f"the run for post {post} ends").timestamp()) - began
