"""How much the database reads, whatever its plan."""

from __future__ import annotations

from django.db import connection

_READ = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = %s"


def rows_read(table: str) -> int:
    """Rows of the table that this connection has read in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [table])
        return int(cursor.fetchone()[0])
