"""Events of an app, one and many (TRG-10)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from actions.app_events import MAX_BYTES, EventNotPermitted, EventTooLarge
from actions.emit_event import EmitEvent, EmitEventParams
from actions.emit_events import MAX_EVENTS, EmitEvents, EmitEventsParams
from apps_engine.contracts import ActionContext
from apps_engine.services.envelopes import read_envelope
from decommerce.community.models import OutboxEvent
from decommerce.community.outbox import settle

pytestmark = [pytest.mark.requirement("TRG-10"), pytest.mark.requirement("ACT-06")]


@pytest.fixture
def context(tenant, context) -> ActionContext:
    """An app that may send one event."""
    return ActionContext(
        context.tenant_id,
        context.app_id,
        context.app_name,
        context.execution_id,
        context.now,
        permissions={"emits": ("bill_settled",)},
    )


@pytest.fixture
def acting(acting):
    """The events of a test do not stay behind in the outbox."""
    yield
    settle(list(OutboxEvent.objects.values_list("event_id", flat=True)))


def sent() -> list[dict[str, Any]]:
    return [row.envelope for row in OutboxEvent.objects.order_by("pk")]


def event(data: Any = None, name: str = "bill_settled") -> dict[str, Any]:
    return {"event": name, "data": {"amount": 47} if data is None else data}


def test_an_event_says_that_and_which_app_sent_it(acting, tenant, perform):
    [result] = perform(EmitEvent(), event())
    (envelope,) = sent()
    assert envelope["id"] == result["event_id"]
    assert (envelope["type"], envelope["source"]) == ("app:bill_settled", f"/tenants/{tenant.slug}/apps/7")
    assert (envelope["data"], envelope["chain"], envelope["tenantid"]) == ({"amount": 47}, "7", tenant.slug)


@pytest.mark.requirement("RUN-05")
def test_the_key_of_the_call_is_the_key_by_which_listeners_drop_doubles(acting, perform):
    perform(EmitEvent(), event(), keys=["run:8:main/send"])
    perform(EmitEvents(), {"event": "bill_settled", "items": [{}, {}]}, keys=["k" * 200])
    keys = [envelope["dedupekey"] for envelope in sent()]
    assert keys[0] == "run:8:main/send"
    assert len(set(keys)) == 3
    assert all(len(key) <= 200 for key in keys)


def test_many_events_are_sent_with_the_statements_of_one_and_keep_their_order(acting, perform, queries_of):
    items = [{"n": number} for number in range(MAX_EVENTS)]
    results: list[Any] = []
    perform(EmitEvent(), event())
    one = queries_of(lambda: perform(EmitEvent(), event()))
    many = queries_of(lambda: results.extend(perform(EmitEvents(), {"event": "bill_settled", "items": items})))
    # One that writes them, and one that counts them.
    assert many == one == 2
    assert [envelope["data"] for envelope in sent()][2:] == items
    assert results[0]["count"] == 100
    assert results[0]["event_ids"] == [envelope["id"] for envelope in sent()][2:]


def test_a_hundred_events_may_be_sent_at_once_and_not_one_more():
    EmitEventsParams.model_validate({"event": "e", "items": [{}] * 100})
    with pytest.raises(ValidationError):
        EmitEventsParams.model_validate({"event": "e", "items": [{}] * 101})


@pytest.mark.parametrize("action", [EmitEvent(), EmitEvents()], ids=lambda action: action.name)
def test_what_the_definition_does_not_name_is_refused_and_nothing_is_sent(acting, perform, action):
    good = {"event": "bill_settled", **({"items": [{}]} if action.name == "emit_events" else {})}
    with pytest.raises(EventNotPermitted, match="other"):
        perform(action, good, {**good, "event": "other"})
    assert sent() == []


def test_sixty_four_kibibytes_may_be_sent_and_not_one_more(acting, perform):
    room = MAX_BYTES - len('{"text":""}')
    perform(EmitEvent(), event({"text": "x" * room}))
    with pytest.raises(EventTooLarge, match="64 KiB"):
        perform(EmitEvent(), event({"text": "x" * (room + 1)}))
    assert len(sent()) == 1


@pytest.mark.requirement("SEC-03")
def test_the_events_of_a_call_have_one_mebibyte_together(acting, perform):
    text = "x" * (MAX_BYTES - len('{"text":""}'))
    perform(EmitEvents(), {"event": "bill_settled", "items": [{"text": text}] * 15})
    with pytest.raises(EventTooLarge, match="1 MiB"):
        perform(EmitEvents(), {"event": "bill_settled", "items": [{"text": text}] * 16})
    assert len(sent()) == 15


def test_what_is_sent_can_be_read_by_whoever_takes_it_in(acting, perform):
    deep: Any = {}
    for _ in range(59):
        deep = {"in": deep}
    perform(EmitEvent(), event(deep))
    assert read_envelope(sent()[0]).data == deep
    for _ in range(5):
        deep = {"in": deep}
    with pytest.raises(EventTooLarge):
        perform(EmitEvent(), event(deep))


@pytest.mark.parametrize("name", ["", "x" * 81])
def test_a_name_has_one_to_eighty_characters(name):
    with pytest.raises(ValidationError):
        EmitEventParams.model_validate({"event": name})
