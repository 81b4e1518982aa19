"""Every change of state of every run, written down by a trigger of the suite: what no process forgets or hides."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import psycopg

_INSTALL = """
DROP TABLE IF EXISTS faults_history;
CREATE TABLE faults_history (
    id bigserial PRIMARY KEY, execution_id bigint, tenant_id bigint, was text, became text, fence_was bigint,
    fence bigint, lease_until timestamptz, at timestamptz DEFAULT pg_catalog.clock_timestamp());
CREATE OR REPLACE FUNCTION faults_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.faults_history (execution_id, tenant_id, was, became, fence_was, fence, lease_until)
    VALUES (NEW.id, NEW.tenant_id, OLD.state, NEW.state, OLD.fence, NEW.fence, OLD.lease_until);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER faults_note AFTER UPDATE ON engine_execution FOR EACH ROW
WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.fence IS DISTINCT FROM NEW.fence) EXECUTE FUNCTION faults_note();
"""
_REMOVE = """
DROP TRIGGER IF EXISTS faults_note ON engine_execution;
DROP FUNCTION IF EXISTS faults_note;
DROP TABLE IF EXISTS faults_history;
"""
# From the end of a lease that ran out until it was seen, and to the next claim, or to the end of a run that has no
# attempt left.
_RECOVERIES = """
SELECT extract(epoch FROM lost.at - lost.lease_until), extract(epoch FROM COALESCE(
    (SELECT min(later.at) FROM faults_history later
     WHERE later.execution_id = lost.execution_id AND later.id >= lost.id AND later.fence > lost.fence_was),
    CASE WHEN lost.became <> 'queued' THEN lost.at END, pg_catalog.clock_timestamp()) - lost.lease_until)
FROM faults_history lost WHERE lost.was = 'running' AND lost.lease_until < lost.at
    AND (lost.became = 'queued' OR lost.became = 'dead' OR lost.fence > lost.fence_was)
"""
_FENCES = "SELECT count(*) FROM faults_history WHERE fence < fence_was"
_RISEN = "SELECT count(*) FROM faults_history WHERE was IN ('succeeded', 'failed', 'dead', 'skipped', 'cancelled')"
_SLOTS = """
SELECT count(*) FROM (SELECT 1 FROM engine_execution WHERE state = 'running' AND exclusive
    GROUP BY app_id, concurrency_key, slot HAVING count(*) > 1) twice
"""


@dataclass(frozen=True)
class Recovery:
    """Seconds from the end of each lease until the sweep saw it, and until somebody had the run again."""

    seen: list[float]
    again: list[float]

    @property
    def p99(self) -> float | None:
        """None where no run lost its worker."""
        return _p99(self.again)

    def __str__(self) -> str:
        return f"{len(self.again)} runs lost their workers; 99 of 100 were seen within {_p99(self.seen):.1f} s"


class History:
    """The history of one database, from `install` on."""

    def __init__(self, database: str) -> None:
        self._database = database

    def install(self) -> None:
        self._run(_INSTALL)

    def remove(self) -> None:
        self._run(_REMOVE)

    def recovery(self) -> Recovery:
        """How long runs that lost their workers waited for another."""
        rows = self._run(_RECOVERIES)
        return Recovery([float(seen) for seen, _ in rows], [float(again) for _, again in rows])

    def faults(self, retried: int = 0) -> list[str]:
        """What the history must never hold. So many runs that were over were begun again by somebody."""
        checks = ((_FENCES, "a fence shrank"), (_RISEN, "a final state changed"), (_SLOTS, "a slot had two owners"))
        counts = {words: self._run(statement)[0][0] for statement, words in checks}
        counts["a final state changed"] -= retried
        return [f"{words} ({count} times)" for words, count in counts.items() if count]

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        # A connection for each: the database is killed in between.
        with psycopg.connect(self._database, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


def _p99(values: list[float]) -> float | None:
    """The value that 99 of 100 do not pass."""
    return sorted(values)[ceil(len(values) * 0.99) - 1] if values else None
