"""`docs/events.md`: how other programs send events, and every event with a sample (TRG-08)."""

from __future__ import annotations

from collections.abc import Iterator

from apps_engine.language.catalogue import EventSpec
from apps_engine.language.jsontext import dumps
from apps_engine.registry import registry
from apps_engine.services.outside_events import LARGEST_EVENT, MOST_EVENTS

TOLD = "member.joined"
INTRODUCTION = """\
# Events

Written by `make docs` from the catalogue; do not edit. An event is a
[CloudEvents 1.0](https://cloudevents.io) envelope in JSON. Apps listen to events; other programs send them over HTTP,
services that reach the broker put them on the queue. Either way they are taken in by the same code: durable before they
are acknowledged, and once, whatever is sent twice while the first one is kept (30 days, where nothing else is set).

## Over HTTP

With an API key that has the scope `events:write`:

```sh
curl --fail-with-body "$DECOMMERCE_URL/api/v1/events" \\
     -H "Authorization: Bearer $DECOMMERCE_KEY" \\
     -H "Content-Type: application/cloudevents+json" \\
     --data '{event}'
```

Up to {most} at once, as a list:

```sh
curl --fail-with-body "$DECOMMERCE_URL/api/v1/events" \\
     -H "Authorization: Bearer $DECOMMERCE_KEY" \\
     -H "Content-Type: application/cloudevents-batch+json" \\
     --data '[{second}]'
```

The answer is 202 once the events are in the database. `items` has a result for each, in their order: `accepted`,
`duplicate` (that source has sent that `id` before; nothing happens again), or `refused` with the `path`, the `code` and
a `hint`. One that is refused does not keep the others out; where all are, the answer is 422.

- The community is the key's. `tenantid` may be left out; another one is refused.
- `source` names your program. Those that begin with `/tenants/` are the platform's own, and so are the events of apps
  (`app:...`) and `chain`. A key that was made with an `event_source` sends from there and
  below it alone, and no other key does; the other sources of a community are open to all its keys.
- `type` is one of those below, and `data` has the shape that `GET /api/v1/catalogue` gives.
- `dedupekey`, if there is one, takes the place of `id` in telling duplicates.
- An event has at most {largest} KiB. Requests count as writes; over the budget the answer is 429 with `Retry-After`.
- After a timeout send it again as it was.

## On the queue

For services of your own beside the platform: nobody checks who they are, so `tenantid` is needed. What is no event,
or a compressed message, is put among the dead letters with the reason. The platform's own events wait in its database
until they are taken in; of yours that wait the broker has the only copy. Where it may be started empty, as Valkey may,
send them over HTTP: what was answered with 202 is in the database. A publisher of one event;
[one that sends a batch](agents.md#events-in):

```python
import json
import os

from kombu import Connection, Queue

event = json.loads(\"\"\"{queued}\"\"\")
event["tenantid"] = os.environ["TENANT"]
# RabbitMQ needs no prefix.
options = {{"global_keyprefix": os.environ.get("DECOMMERCE_QUEUE_NAMESPACE", "decommerce") + ":"}}
with Connection(os.environ["REDIS_URL"], transport_options=options) as broker:
    broker.Producer().publish(
        json.dumps(event),
        content_type="application/cloudevents+json",
        content_encoding="utf-8",
        routing_key="events",
        declare=[Queue("events", routing_key="events", durable=True)],
        delivery_mode="persistent",
    )
```

A list of up to 200 goes out as `application/cloudevents-batch+json`. An event has at most 1 MiB there.

## Every event

Each with what it tells and a sample of its `data`.
"""


def events_document() -> str:
    """The whole document."""
    introduction = INTRODUCTION.format(
        event=_envelope("signup-1"),
        second=_envelope("signup-2"),
        queued=_envelope("signup-3"),
        most=MOST_EVENTS,
        largest=LARGEST_EVENT // 1024,
    )
    return "\n".join([introduction, *(part for event in registry.events.values() for part in _event(event))])


def _envelope(number: str) -> str:
    event = {
        "specversion": "1.0",
        "id": number,
        "source": "/signup",
        "type": TOLD,
        "time": "2026-11-21T09:00:00Z",
        "data": dict(registry.events[TOLD].sample),
    }
    return dumps(event, indent=2)


def _event(event: EventSpec) -> Iterator[str]:
    yield f"### `{event.name}`\n"
    yield f"When {event.summary}.\n"
    yield f"```json\n{dumps(dict(event.sample), indent=2)}\n```\n"
