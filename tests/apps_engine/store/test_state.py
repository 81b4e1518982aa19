"""Changes of one state at the very same time (RUN-09)."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from apps_engine.services.apps import create_app
from apps_engine.store.state import merge_state, read_state
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import rewarding

pytestmark = pytest.mark.requirement("RUN-09")


def test_transactions_at_the_same_time_keep_each_others_keys(tenant, principal):
    """Both have begun before either ends; the first row is made by whoever comes first."""
    with tenant_scope(tenant.pk):
        app_id = create_app(principal, rewarding()).pk
    begun = threading.Barrier(8)

    def change(number: int) -> None:
        try:
            with tenant_scope(tenant.pk):
                read_state(app_id, "")
                begun.wait()
                merge_state(app_id, "", {f"key{number}": number})
        finally:
            connections.close_all()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(tenant.pk):
        assert read_state(app_id, "") == {f"key{number}": number for number in range(8)}


def test_sessions_of_one_app_have_states_of_their_own(scope, principal):
    app_id = create_app(principal, rewarding()).pk
    merge_state(app_id, "room-1", {"a": 1})
    merge_state(app_id, "", {"a": 2})
    assert (read_state(app_id, "room-1"), read_state(app_id, ""), read_state(app_id, "room-2")) == (
        {"a": 1},
        {"a": 2},
        {},
    )
