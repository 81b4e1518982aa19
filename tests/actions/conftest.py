"""A run of an app: its context and cause; and a receiver of webhooks that the operator's settings let through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_engine.contracts import ActionContext, Call, LocalAction
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal
from tests.decommerce.outgoing.conftest import LOCAL, authority, receiver
from tests.google_server.fixtures import ann, connect, google, make_colleague

__all__ = ["ann", "authority", "connect", "google", "make_colleague", "receiver"]

# What the definition of the app says that it calls; the community may allow less.
NAMED_HOSTS = (LOCAL, "hooks.example.com", "evil.example")
APP_ID = 7
EXECUTION_ID = 8


@pytest.fixture
def context(tenant) -> ActionContext:
    """The context of a run of some app of the tenant."""
    return ActionContext(
        tenant_id=tenant.pk,
        app_id=APP_ID,
        app_name="The app",
        execution_id=EXECUTION_ID,
        now=datetime(2026, 11, 21, 9, tzinfo=UTC),
        permissions={"domains": NAMED_HOSTS},
    )


@pytest.fixture
def owner(context, ann) -> ActionContext:
    """The context of a run of an app that Ann made."""
    return replace(context, owner_id=ann.pk)


@pytest.fixture
def acting(tenant) -> Iterator[None]:
    """The whole test runs as the app does: in the tenant's transaction, with the app as the cause."""
    principal = Principal("app", APP_ID, "The app", tenant.pk, frozenset({"data:read", "data:write"}))
    with tenant_scope(tenant.pk), caused_by(Cause(principal, APP_ID, EXECUTION_ID, (APP_ID,))):
        yield


@pytest.fixture
def perform(context) -> Callable[..., list[dict[str, Any]]]:
    """Perform an action over a batch of parameters, each with the key of its place unless `keys` says otherwise."""

    def apply(action: LocalAction, *params: dict[str, Any], keys: Sequence[str] | None = None) -> list[dict[str, Any]]:
        keys = keys or [f"run:{EXECUTION_ID}:main/each[{place}]/step" for place in range(len(params))]
        calls = [Call(action.Params.model_validate(given), key) for given, key in zip(params, keys, strict=True)]
        results = list(action.apply(calls, context))
        assert len(results) == len(calls)
        assert all(set(result) == {field.name for field in action.result} for result in results)
        return results

    return apply


@pytest.fixture
def queries_of() -> Callable[[Callable[[], Any]], int]:
    """How many statements something takes."""

    def count(deed: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            deed()
        return len(queries)

    return count


@pytest.fixture
def reachable(authority, receiver, settings) -> str:
    """The URL of the receiver, which the operator's settings let through the door."""
    settings.OUTGOING_PORTS = [receiver.port]
    settings.OUTGOING_HOSTS = [f"hooks.example.com={LOCAL}"]
    settings.OUTGOING_CA_BUNDLE = str(authority.bundle)
    return f"https://hooks.example.com:{receiver.port}"
