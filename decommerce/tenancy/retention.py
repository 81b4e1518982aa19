"""Deleting what has been kept for long enough, in small steps, while everybody goes on working.

It runs as the scheduler's role, which sees ages and states of all tenants and nothing else; the policies of the
database let it delete what is old enough and nothing younger (`tenancy.isolation`). Each step looks at a bounded
stretch of a table by its primary key, passes over rows that somebody holds, and commits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction

from decommerce.failpoints import reached
from decommerce.tenancy.alone import SCHEDULER
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Retention

FIRST_STRETCH, LEAST_STRETCH, MOST_STRETCH = 500, 10, 5_000
# A step shall take about so long; with the rows of a run go those of its journal, however many they are.
SHORT_SECONDS, LONG_SECONDS = 0.05, 0.2

_STEP = """
WITH stretch AS (
    SELECT id, {born} AS born FROM {table} WHERE id > %(after)s ORDER BY id LIMIT %(most)s
), due AS (
    SELECT aged.id FROM {table} aged WHERE aged.id IN (SELECT id FROM stretch) AND {old} ORDER BY aged.id {lock}
), gone AS (
    DELETE FROM {table} WHERE id IN (SELECT id FROM due) RETURNING id
)
SELECT (SELECT count(*) FROM gone), count(*), max(id), min(born) > now() - make_interval(days => %(days)s) FROM stretch
"""
_COUNT = "SELECT count(*) FROM {table} WHERE {old}"


class RetentionRefused(PlatformError):
    """The settings name a kind of row that does not exist."""

    code = "retention_unknown"


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule with the table it is about."""

    rule: Retention
    model: type[models.Model]
    lockable: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rule is: rows looked at, rows that went, and behind which number there may be more; 0 for no more."""

    rule: Retention
    seen: int
    gone: int
    left_after: int = 0


def rules() -> list[Kept]:
    """Every rule by name. Raises RetentionRefused where the settings name something that is no kind."""
    found = {
        rule.name: Kept(rule, model, lockable=not getattr(model, "append_only", False))
        for model in apps.get_models()
        for rule in getattr(model, "retention", ())
    }
    if unknown := settings.RETENTION_DAYS.keys() - found:
        hint = f"Correct DECOMMERCE_RETENTION_DAYS; kinds: {', '.join(sorted(found))}."
        raise RetentionRefused(f"Nothing is kept under the name “{min(unknown)}”.", hint=hint)
    return [found[name] for name in sorted(found)]


def due(kept: Kept) -> int:
    """How many rows would go now. Reads the whole table: for a person who asks."""
    if not kept.rule.days:
        return 0
    statement = _COUNT.format(table=kept.model._meta.db_table, old=kept.rule.older_than("%(days)s"))
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(statement, {"days": kept.rule.days})
        return int(cursor.fetchone()[0])


def forget(
    kept: Kept, tell: Callable[[Progress], None], rest: float = 1.0, ends: float = math.inf, after: int = 0
) -> int:
    """Delete what a rule lets go, of rows behind the number `after`; returns how many rows went.

    `tell` hears of each step. Between steps it rests `rest` times as long as the step took. It begins no step after
    `ends` (of `time.monotonic`); the next call goes on where the last step says.
    """
    if not kept.rule.days:
        return 0
    statement = _statement(kept)
    seen, gone, most = 0, 0, FIRST_STRETCH
    while True:
        began = time.monotonic()
        went, looked_at, last, all_young = _step(statement, after, most, kept.rule.days)
        took = time.monotonic() - began
        seen, gone = seen + looked_at, gone + went
        is_done = looked_at < most or all_young
        tell(Progress(kept.rule, seen, gone, 0 if is_done else last))
        if is_done or time.monotonic() >= ends:
            return gone
        after, most = last, _next_stretch(most, took)
        time.sleep(took * rest)


def _next_stretch(most: int, took: float) -> int:
    if took > LONG_SECONDS:
        return max(LEAST_STRETCH, most // 2)
    return min(MOST_STRETCH, most * 2) if took < SHORT_SECONDS else most


def _statement(kept: Kept) -> str:
    rule, options = kept.rule, kept.model._meta
    return _STEP.format(
        table=options.db_table,
        born=rule.born or rule.column,
        old=rule.older_than("%(days)s"),
        # Nobody holds a row that is only ever added.
        lock="FOR UPDATE SKIP LOCKED" if kept.lockable else "",
    )


def _step(statement: str, after: int, most: int, days: int) -> tuple[int, int, int, bool]:
    with transaction.atomic(using=SCHEDULER), connections[SCHEDULER].cursor() as cursor:
        cursor.execute("SELECT set_config('app.retention', 'on', true), set_config('lock_timeout', '2s', true)")
        cursor.execute(statement, {"after": after, "most": most, "days": days})
        went, looked_at, last, all_young = cursor.fetchone()
        if went:
            reached("retention.committing")
    if went:
        reached("retention.committed")
    return int(went), int(looked_at), int(last or 0), bool(all_young)
