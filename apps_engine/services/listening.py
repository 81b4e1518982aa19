"""The triggers of a tenant that an event may start, found by an index that is kept until somebody's triggers change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from apps_engine.language.errors import PredicateError
from apps_engine.language.predicate_index import PredicateIndex
from apps_engine.language.predicates import Predicate, parse_predicate
from apps_engine.store.listeners import Listener, Stamp, listeners, send_stamps
from decommerce.tenancy.context import current_tenant_id

# Events of tenants whose index is kept in this process.
KEPT = 2_048


@dataclass(frozen=True, slots=True)
class Listening:
    """Who listens to one event of one tenant: every trigger with its filter, and the index over them."""

    stamp: Stamp
    filters: Mapping[Listener, Predicate | None]
    index: PredicateIndex[Listener]


_kept: OrderedDict[tuple[int, str], Listening] = OrderedDict()
_lock = Lock()


def listening(events: Collection[str]) -> dict[str, Listening]:
    """By event: who listens, as the transaction sees it; one query where nothing changed. Needs the tenant's scope."""
    return listening_by(send_stamps(events)())


def listening_by(stamps: Mapping[str, Stamp]) -> dict[str, Listening]:
    """The same by the stamps that the transaction sees; no query where nothing changed."""
    tenant_id = current_tenant_id()
    return {event: _current(tenant_id, event, stamp) for event, stamp in stamps.items()}


def _current(tenant_id: int, event: str, stamp: Stamp) -> Listening:
    with _lock:
        kept = _kept.get((tenant_id, event))
        if kept is not None and kept.stamp == stamp:
            _kept.move_to_end((tenant_id, event))
            return kept
    read = _read(event, stamp)
    with _lock:
        _kept[tenant_id, event] = read
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return read


def _read(event: str, stamp: Stamp) -> Listening:
    found = listeners(event)
    filters = {listener: _filter(source) for listener, source in found}
    return Listening(stamp, filters, PredicateIndex(filters.items()))


def _filter(source: dict[str, Any] | None) -> Predicate | None:
    """The filter of a trigger. One that cannot be read any more holds nothing back: its app says why it cannot run."""
    try:
        return None if source is None else parse_predicate(source)
    except PredicateError:
        return None
