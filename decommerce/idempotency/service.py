"""Doing a write once, however often it is asked for (RUN-05, docs/execution.md).

The answer is stored in the transaction of the write itself, so there is no moment in which one of them is there and the
other is not: a process that dies takes both with it, and the key is free as soon as the database has noticed. While
that transaction runs it holds a lock on the key; who meets the lock is told to come again. A refusal leaves nothing
behind, so nothing is stored and the next request is judged anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from decommerce.idempotency.errors import BadIdempotencyKey, IdempotencyKeyReused, RequestInProgress
from decommerce.idempotency.models import LONGEST_KEY, KeptAnswer
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.principal import Principal

KEPT = timedelta(hours=24)
# Each answer that is stored clears away so many old ones, so the table shrinks faster than it grows.
CLEARED_AT_ONCE = 20
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_ANSWER = ["fingerprint", "status", "headers", "body", "answered_at"]


@dataclass(frozen=True, slots=True)
class Write:
    """One request: whose, what kind, under which key, and the digest of what it says."""

    principal: str
    operation: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: an HTTP status, the headers that belong to the body, and the body as JSON text."""

    body: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def write_of(principal: Principal, operation: str, key: str, canonical: str) -> Write:
    """A request by its key; `canonical` is the same text for every request that says the same.

    A key in quotes is the text between them (RFC 8941, section 3.3.3). Raises BadIdempotencyKey.
    """
    plain = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if len(plain) > LONGEST_KEY or not _VISIBLE.fullmatch(plain):
        raise BadIdempotencyKey(
            f"An idempotency key is 1 to {LONGEST_KEY} visible ASCII characters.", hint="A UUID is a good one."
        )
    fingerprint = hashlib.sha256(canonical.encode()).hexdigest()
    return Write(f"{principal.kind}:{principal.id}", operation, plain, fingerprint)


def answer_of(write: Write) -> Answer | None:
    """The stored answer; None where the write is now the caller's to do, until the end of the transaction.

    Raises RequestInProgress and IdempotencyKeyReused. Needs the tenant's scope.
    """
    if not _locked(write):
        raise RequestInProgress
    kept = KeptAnswer.objects.filter(
        principal=write.principal,
        operation=write.operation,
        key=write.key,
        answered_at__gt=timezone.now() - KEPT,
    ).first()
    if kept is None:
        return None
    if kept.fingerprint != write.fingerprint:
        raise IdempotencyKeyReused
    return Answer(kept.body, kept.status, kept.headers)


def keep_answer(write: Write, answer: Answer) -> None:
    """Store the answer in the transaction of the write, and clear some old ones away. Needs the tenant's scope."""
    kept = KeptAnswer(
        principal=write.principal,
        operation=write.operation,
        key=write.key,
        fingerprint=write.fingerprint,
        status=answer.status,
        headers=dict(answer.headers),
        body=answer.body,
    )
    KeptAnswer.objects.bulk_create(
        [kept],
        update_conflicts=True,
        unique_fields=["tenant", "principal", "operation", "key"],
        update_fields=_ANSWER,
    )
    clear_old(CLEARED_AT_ONCE)


def clear_old(most: int) -> None:
    """Delete up to so many answers of the tenant that nobody may ask for any more; those at hand elsewhere stay."""
    old = KeptAnswer.objects.filter(answered_at__lte=timezone.now() - KEPT).order_by("answered_at")
    found = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
    if found:
        KeptAnswer.objects.filter(pk__in=found).delete()


def _locked(write: Write) -> bool:
    name = f"idempotency:{current_tenant_id()}:{write.principal}:{write.operation}:{write.key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
