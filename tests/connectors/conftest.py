"""A run's context, and reading through a connector as the engine does: one query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_engine.contracts import ActionContext, Connector


@pytest.fixture
def context(tenant) -> ActionContext:
    """The context of a run of some app of the tenant."""
    return ActionContext(
        tenant_id=tenant.pk, app_id=7, app_name="The app", execution_id=8, now=datetime(2026, 11, 21, 9, tzinfo=UTC)
    )


@pytest.fixture
def read(context) -> Callable[[Connector], list[dict[str, Any]]]:
    """Every row with every declared field, in one query."""

    def rows(connector: Connector) -> list[dict[str, Any]]:
        names = {column.source: column.spec.name for column in connector.columns}
        with CaptureQueriesContext(connection) as queries:
            found = list(connector.queryset(context).order_by("pk").values(*names))
        assert len(queries) == 1
        return [{names[source]: value for source, value in row.items()} for row in found]

    return rows
