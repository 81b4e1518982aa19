"""A run's context, and reading through a connector as the engine does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps_engine.contracts import ActionContext, Connector
from apps_engine.language.instants import format_instant
from apps_engine.language.predicates import bind, parse_predicate
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.reader import RowReader
from tests.connectors.world import NOW

Rows = list[dict[str, Any]]


@pytest.fixture
def context(tenant) -> ActionContext:
    """The context of a run of some app of the tenant."""
    return ActionContext(tenant_id=tenant.pk, app_id=7, app_name="The app", execution_id=8, now=NOW)


@pytest.fixture
def read(context) -> Callable[..., Rows]:
    """Read through a connector, in the tenant's scope: every field unless some are named."""

    def rows(connector: Connector, *fields: str, where: Any = None, order_by: tuple[str, ...] = ()) -> Rows:
        bound = None if where is None else bind(parse_predicate(where), {}, format_instant(NOW))
        return RowReader(context).fetch(Query(connector.name, bound, fields, order_by, 1000, 0))

    return rows
