"""The webhook action in a run: what an answer that is no success means for the call (docs/execution.md 8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect, Execution
from decommerce.outgoing.allowlist import allow_domain
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from tests.decommerce.outgoing.receiver import reply

pytestmark = pytest.mark.requirement("RUN-05")


def telling(tenant, principal, reachable: str, *, resend: bool = False) -> int:
    """Queue a run that makes a call, at most twice; returns its number."""
    params = {"url": f"{reachable}/hook", "body": {}, "resend": resend}
    told = {"id": "told", "act": "webhook", "params": params, "retry": {"max_attempts": 2}}
    source = definition([told], permissions={"domains": ["hooks.example.com"]})
    with tenant_scope(tenant.pk):
        allow_domain(principal, "hooks.example.com")
        return run_app(principal, create_app(principal, source).pk).pk


@pytest.mark.parametrize(
    ("answer", "states"),
    [
        (reply("429 Too Many Requests", Retry_After="3600"), ("queued", "failed")),
        (reply("425 Too Early"), ("queued", "failed")),
        (reply("503 Unavailable", Retry_After="3600"), ("queued", "failed")),
        (reply("503 Unavailable"), ("failed", "unknown")),
        (reply("500 Error", Retry_After="3600"), ("failed", "unknown")),
        (reply("408 Timeout"), ("failed", "unknown")),
        (reply("400 Bad Request"), ("failed", "failed")),
    ],
)
def test_a_call_that_must_not_be_repeated_is_made_again_only_after_an_answer_that_nothing_was_done(
    reachable, receiver, tenant, principal, owner_connection, answer, states
):
    receiver.answers["/hook"] = answer
    run = telling(tenant, principal, reachable)
    assert run_now(run) == states[0]
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().state == states[1]
    if states[0] == "queued":
        receiver.answers["/hook"] = reply("200 OK")
        owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [run])
        assert run_now(run) == "succeeded"
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_the_time_that_a_receiver_asks_for_is_waited_for_where_the_call_must_not_be_repeated(
    reachable, receiver, tenant, principal
):
    receiver.answers["/hook"] = reply("429 Too Many Requests", Retry_After="3600")
    run = telling(tenant, principal, reachable)
    asked_at = timezone.now()
    assert run_now(run) == "queued"
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().run_at >= asked_at + timedelta(seconds=3600)


@pytest.mark.parametrize(
    ("second", "state"), [(reply("429 Too Many Requests"), "unknown"), (reply("410 Gone"), "failed")]
)
def test_a_lost_answer_is_not_forgotten_when_the_same_call_is_declined_later(
    reachable, receiver, tenant, principal, owner_connection, second, state
):
    receiver.answers["/hook"] = lambda connection, received: None
    run = telling(tenant, principal, reachable, resend=True)
    assert run_now(run) == "queued"
    receiver.answers["/hook"] = second
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [run])
    assert run_now(run) in ("dead", "failed")
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().state == state
