"""What marking events as published costs, whatever the statistics of the database say (TRG-08)."""

from __future__ import annotations

from django.db import connection

from decommerce.community import publisher
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.tenancy.context import tenant_scope

BURST = 400
ONE = NewEvent("post.created", EVENTS["post.created"].sample, "post/1")
_READ = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'community_outboxevent'"


def test_an_event_is_found_by_its_key_also_for_a_tenant_of_whom_the_statistics_know_nothing(
    tenant, other_tenant, owner_connection
):
    owner_connection.execute("DELETE FROM community_outboxevent")
    with tenant_scope(other_tenant.pk):
        emit_many([ONE])
    owner_connection.execute("ANALYZE community_outboxevent")
    with tenant_scope(tenant.pk):
        ids = emit_many([ONE] * BURST)
        before = _rows_read()
        assert len(publisher._take_written(dict.fromkeys(ids, ""), ids)) == BURST
        assert _rows_read() - before < BURST * 10


def _rows_read() -> int:
    """Of the outbox, by this connection in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return int(cursor.fetchone()[0])
