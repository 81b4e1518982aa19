"""Reading Shopify's resources from JSON files, whatever shape they were saved in.

A file holds one resource, a list of them, or an object that names them: {"order": {...}}, {"orders": [...]}.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from decommerce.community import exact_json
from decommerce.community.importing.progress import ProgressReport
from decommerce.community.importing.shopify_times import moved, newest_creation
from decommerce.community.importing.tally import Tally
from decommerce.community.importing.timeline import Timeline
from decommerce.community.shopify.records import KINDS, Kind, announce, record
from decommerce.community.shopify.refunds import read_refund, record_refunds
from decommerce.community.shopify.resource import Resource, ResourceRefused
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError

BATCH = 500
# What is named comes before what names it.
ORDER = ("customer", "product", "checkout", "order", "refund")
PLURALS: Mapping[str, str] = {f"{kind}s": kind for kind in ORDER}
# A field that only this kind of resource has.
MARKS: Mapping[str, str] = {
    "refund_line_items": "refund",
    "tracking_numbers": "fulfillment",
    "variants": "product",
    "abandoned_checkout_url": "checkout",
    "financial_status": "order",
    "orders_count": "customer",
}
NEW_EVENTS: Mapping[str, str] = {
    "customer": "customer.created",
    "product": "product.created",
    "checkout": "checkout.created",
    "order": "order.created",
}
UNKNOWN_KIND = "of a kind that is not kept"


class FileUnreadable(PlatformError):
    """A file that holds no resources of Shopify's."""

    code = "file_unreadable"


def import_files(
    paths: Sequence[Path],
    tenant_id: int,
    report: ProgressReport,
    *,
    emit: bool = False,
    ending_at: datetime | None = None,
) -> list[Tally]:
    """Import the resources in the files; returns the counts of each kind. Raises FileUnreadable before any import.

    With `ending_at`, all times move so that the newest resource was made then.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    for path in paths:
        for kind, payload in _resources(_content(path), path):
            found[kind].append(payload)
    if ending_at is not None:
        newest = newest_creation(payload for payloads in found.values() for payload in payloads)
        timeline = Timeline().ending(ending_at, newest)
        found = {kind: [moved(payload, timeline) for payload in payloads] for kind, payloads in found.items()}
    tallies = [_import_kind(kind, found[kind], tenant_id, report, emit=emit) for kind in ORDER if kind in found]
    other = Tally("others")
    for kind in sorted(found.keys() - set(ORDER)):
        other.skip(f"{kind}: {UNKNOWN_KIND}", len(found[kind]))
    return [*tallies, other] if other.skipped else tallies


def _import_kind(kind: str, payloads: Sequence[Any], tenant_id: int, report: ProgressReport, *, emit: bool) -> Tally:
    tally = Tally(f"{kind}s")
    keep: Callable[..., None] = _keep_refunds if kind == "refund" else _keep
    with report.part(tally.noun, len(payloads)) as advance:
        for start in range(0, len(payloads), BATCH):
            with tenant_scope(tenant_id):
                keep(kind, payloads[start : start + BATCH], tally, emit=emit)
            advance(start + BATCH)
    return tally


def _keep(name: str, payloads: Sequence[Any], tally: Tally, *, emit: bool) -> None:
    kind: Kind = KINDS[name]
    sound = [payload for payload in payloads if _reads(kind.read, payload, name, tally)]
    result = record(kind, sound, announce_refunds=emit)
    tally.add(result)
    if emit:
        announce(kind, NEW_EVENTS[name], result.created)


def _keep_refunds(name: str, payloads: Sequence[Any], tally: Tally, *, emit: bool) -> None:
    sound = [payload for payload in payloads if _reads(read_refund, payload, name, tally)]
    new = record_refunds([read_refund(Resource(payload, name)) for payload in sound], announce=emit)
    tally.created += len(new)
    tally.unchanged += len(sound) - len(new)


def _reads(read: Callable[[Resource], Any], payload: Any, name: str, tally: Tally) -> bool:
    try:
        read(Resource(payload, name))
    except ResourceRefused as refused:
        tally.skip(f"unreadable: {refused.message.rstrip('.')}")
        return False
    return True


def _content(path: Path) -> Any:
    try:
        return exact_json.storable(exact_json.loads(path.read_bytes()))
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise FileUnreadable(f"{path.name} is not JSON: {error}.") from error


def _resources(content: Any, path: Path) -> list[tuple[str, Any]]:
    """The resources of a file, each with its kind."""
    if isinstance(content, list):
        return [pair for item in content for pair in _resources(item, path)]
    if not isinstance(content, dict):
        raise FileUnreadable(f"{path.name} holds no resources of Shopify's.")
    mark = next((mark for mark in MARKS if mark in content), None)
    if mark is not None:
        return [(MARKS[mark], content)]
    if len(content) == 1:
        ((name, inside),) = content.items()
        return [(PLURALS.get(name, name), item) for item in (inside if isinstance(inside, list) else [inside])]
    raise FileUnreadable(
        f"{path.name} holds something that is no resource of Shopify's.",
        hint="Kinds that are known: " + ", ".join(ORDER) + ".",
    )
