"""What each page of an admin costs with 10,000 runs stored: the server's time and the bytes of a first load."""

from __future__ import annotations

import re
import secrets
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from apps_engine.services.starters import create_app_from
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership, Tenant, User
from decommerce.tenancy.principal import Principal
from tests.benchmarks.measure import ROUNDS, seconds

RUNS = 10_000
MOST_BYTES, MOST_SECONDS = 150_000, 0.3
STARTERS = ("weekly-digest", "bill-split", "welcome-series", "auto-welcome", "room-health", "churn-risk-alerts")
_RUNS = """
INSERT INTO engine_execution (tenant_id, app_id, version_id, flow, trigger_type, trigger_id, trigger_key, trigger,
    inputs, chain, requested_by, session_key, generation, state, run_at, priority, attempt, max_attempts, owner, fence,
    concurrency_key, exclusive, usage, items, created_at, started_at, finished_at, error)
SELECT a.tenant_id, a.id, v.id, 'main', 'manual', 'by_hand', 'past-' || n, '{}', '{}', '[]', 'Ada', '', 0,
    CASE WHEN n %% 17 = 0 THEN 'failed' ELSE 'succeeded' END, at, 5, 1, 3, '', 1, '', true, '{"emails": 1}', 3, at, at,
    at + (n %% 900) * interval '10 ms',
    CASE WHEN n %% 17 = 0 THEN '{"code": "model_busy", "message": "It was busy.", "hint": "Retry it."}'::jsonb END
FROM generate_series(1, %(runs)s) n, LATERAL (SELECT now() - n * interval '2 minutes' AS at) t, engine_app a
JOIN engine_appversion v ON v.app_id = a.id AND v.number = a.version_number
WHERE a.id = (%(apps)s::bigint[])[1 + n %% cardinality(%(apps)s::bigint[])]
"""
_STEPS = """
INSERT INTO engine_stepresult (tenant_id, execution_id, path, kind, status, input, output, items, attempt, started_at,
    duration_ms)
SELECT e.tenant_id, e.id, 'main/' || s, 'act', 'done', '{"action": "send_notification"}', '{"sent": true}', 1, 1,
    e.started_at, 12
FROM engine_execution e, generate_series(0, 2) s WHERE e.app_id = ANY(%(apps)s) AND e.trigger_key LIKE 'past-%%'
"""
_EFFECTS = """
INSERT INTO engine_effect (tenant_id, idem_key, execution_id, path, action, fingerprint, fence, state, created_at,
    updated_at)
SELECT e.tenant_id, 'past:' || e.id, e.id, 'main/0', 'award_xp', '', 1, 'done', e.created_at, e.created_at
FROM engine_execution e WHERE e.app_id = ANY(%(apps)s) AND e.trigger_key LIKE 'past-%%'
"""
_BOOKINGS = """
INSERT INTO community_xpentry (tenant_id, member_id, amount, reason, idem_key, created_at)
SELECT %(tenant)s, m.ids[1 + n %% cardinality(m.ids)], 0, 'Past', 'past:' || n, now() - n * interval '2 minutes'
FROM generate_series(1, %(runs)s) n, (SELECT array_agg(id) FROM community_member WHERE tenant_id = %(tenant)s) m (ids)
"""
_TOLD = """
INSERT INTO community_notification (tenant_id, member_id, title, body, link, topic, created_at, idem_key)
SELECT b.tenant_id, b.member_id, 'Thanks', '', '', '', b.created_at, b.idem_key
FROM community_xpentry b WHERE b.tenant_id = %(tenant)s AND b.idem_key LIKE 'past:%%'
"""
_EVENTS = """
INSERT INTO engine_eventinbox (tenant_id, event_id, source, dedupe_key, type, time, data, chain, received_at)
SELECT %(tenant)s, 'past-' || n, 'community', 'past-' || n, 'post.created', at,
    '{"post": {"id": 1, "title": "Boots", "body": "Which?"}}', '[]', at
FROM generate_series(1, %(runs)s) n, LATERAL (SELECT now() - n * interval '2 minutes' AS at) t
"""
_DECISIONS = """
INSERT INTO engine_decision (tenant_id, app_id, trigger_id, outcome, event_id, details, repeats, hour,
    first_at, last_at)
SELECT %(tenant)s, a, 'past', 'filtered', 'past-' || n,
    '{"field": "post.score", "operator": "gt", "expected": 5, "actual": 1}', 3, at, at, at
FROM unnest(%(apps)s::bigint[]) a, generate_series(1, 500) n,
    LATERAL (SELECT date_trunc('hour', now()) - n * interval '1 hour' AS at) t
"""
_AUDIT = """
INSERT INTO tenancy_auditentry (tenant_id, actor_kind, actor_id, actor_label, verb, target, details, at)
SELECT %(tenant)s, 'user', 1, 'Ada', 'app.paused', 'app:1', '{"reason": "past"}', now() - n * interval '1 minute'
FROM generate_series(1, %(runs)s) n
"""


def history(owner: psycopg.Connection, tenant_id: int, apps: Sequence[int], runs: int = RUNS) -> None:
    """Runs of two minutes each, one after the other up to now: their journal, events, reasons, and what they did."""
    given = {"tenant": tenant_id, "apps": list(apps), "runs": runs}
    for statement in (_RUNS, _STEPS, _EFFECTS, _BOOKINGS, _TOLD, _EVENTS, _DECISIONS, _AUDIT):
        owner.execute(statement, given)


def addresses(app_id: int, run_id: int, event: int) -> Sequence[str]:
    """The pages that an admin opens."""
    own = ("", "run/", "backtest/", "shadow/", "edit/", "versions/1/")
    lists = ("home", "chat", "apps", "starters", "runs", "events", "usage", "team", "keys", "domains", "mail", "audit")
    return [
        *(f"/{name}/" for name in lists),
        *(f"/apps/{app_id}/{part}" for part in own),
        f"/runs/{run_id}/",
        "/runs/?state=failed",
        f"/events/{event}/",
        "/starters/weekly-digest/",
        "/notifications/",
        "/accounts/",
    ]


def pages(owner: psycopg.Connection, tenant: Tenant, principal: Principal) -> None:
    """Each page in turn, as an owner of the community sees it: the median time, and what its first load weighs."""
    person = User.objects.create_user(f"{secrets.token_hex(4)}@pages.example", display_name="Ada")
    with tenant_scope(tenant.pk):
        Membership.objects.create(user=person, role="owner")
        made = [create_app_from(principal, slug).pk for slug in STARTERS]
    history(owner, tenant.pk, made)
    owner.execute("ANALYZE")
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(person)
    show({address: measured(client, address) for address in addresses(made[0], *latest(owner, tenant.pk))})


def latest(owner: psycopg.Connection, tenant_id: int) -> tuple[int, int]:
    """The numbers of the newest run and of the newest event."""
    asked = "SELECT (SELECT max(id) FROM engine_execution WHERE tenant_id = %(tenant)s), max(id) FROM engine_eventinbox"
    run, event = owner.execute(f"{asked} WHERE tenant_id = %(tenant)s", {"tenant": tenant_id}).fetchone()
    return run, event


def measured(client: Client, address: str) -> tuple[float, int]:
    """The median seconds of the server for a page, and the bytes of its first load."""
    weight = weight_of(client, address)
    return statistics.median(seconds(lambda: client.get(address)) for _ in range(ROUNDS)), weight


def weight_of(client: Client, address: str) -> int:
    """The bytes of a page with its styles, scripts and the modules that these import; nothing is compressed."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    linked = {urlsplit(link).path for link in re.findall(r'(?:href|src)="/static/([^"]+)"', answer.content.decode())}
    files = {name: _read(name) for name in linked}
    for name, text in list(files.items()):
        for module in re.findall(rb'from "\./([\w.]+)"', text):
            imported = f"{name.rpartition('/')[0]}/{module.decode()}"
            files[imported] = _read(imported)
    return len(answer.content) + sum(map(len, files.values()))


def show(found: Mapping[str, tuple[float, int]]) -> None:
    """One line a page, and whether it keeps to what a page may cost."""
    print(f"\nPages with {RUNS:,} runs stored (at most {MOST_BYTES // 1000} kB and {MOST_SECONDS * 1000:.0f} ms)")
    for address, (time_taken, weight) in found.items():
        kept = time_taken <= MOST_SECONDS and weight <= MOST_BYTES
        print(f"  {address:<40}{time_taken * 1000:>8.0f} ms {weight / 1000:>8.1f} kB{'' if kept else '  MISSED'}")


def _read(name: str) -> bytes:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found).read_bytes()
