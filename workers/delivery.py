"""Delivering messages: claimed one by one, sent outside any transaction, the outcome fenced (docs/execution.md).

An e-mail whose sender died between sending and telling is `unknown` and never sent again by itself (promise 3); a push
is sent again, since its second showing replaces the first. Every time is the database's.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.db import connections, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from apps_engine.services.hints import DELIVER_TASK, TASKS, send_hint
from apps_engine.services.mails import tell_of_doubts
from decommerce.community.models import MessageChannel, MessageState, OutboundMessage
from decommerce.community.services.dead_addresses import mark_dead
from decommerce.community.services.messages import withhold_unwanted
from decommerce.failpoints import reached
from decommerce.operations.metrics import DELIVERIES
from decommerce.stopping import is_stopping
from decommerce.tenancy.alone import SCHEDULER
from decommerce.tenancy.context import tenant_scope
from workers.answer import Answer
from workers.mail import MailServer
from workers.push import push_message

Senders = Mapping[str, Callable[[OutboundMessage], Answer]]
logger = logging.getLogger(__name__)
# Longer than every step of one SMTP conversation, and the pushes to all devices of a member, may take together.
LEASE = timedelta(minutes=2)
# Runs that wait for the same worker shall wait no longer, nor much for the connection that each turn makes.
TURN_SECONDS = 1.0
# Of one tenant, before the next one's.
FEW = 5
MOST_ATTEMPTS = 12
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=4)
JITTER = 0.2
LOST = "The worker stopped while it was sending; nobody knows whether the message arrived."


def tenants_with_messages() -> list[int]:
    """Tenants that have a message to send, or one whose sender is gone."""
    due = Q(state=MessageState.QUEUED, run_at__lte=Now()) | Q(state=MessageState.SENDING, lease_until__lt=Now())
    found = OutboundMessage.across_tenants.using(SCHEDULER).filter(due)
    return list(found.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())


def take_turn() -> None:
    """Deliver for a turn, and hint what is left anew, behind whatever waits for this worker.

    In a worker that makes runs too only one process delivers at a time: slow mail would take all of them.
    """
    if not _makes_runs():
        deliver_due()
    else:
        # A lock of a transaction: the database ends one that is silent, so a frozen process keeps nobody for long.
        with transaction.atomic(using=SCHEDULER):
            if not _is_first():
                return
            deliver_due()
    # Asked after the lock was let go: who found it taken before that counts on us.
    if tenants_with_messages():
        send_hint(DELIVER_TASK)


def _is_first() -> bool:
    """Whether no other process of this worker is at it; none is until the transaction ends."""
    with connections[SCHEDULER].cursor() as cursor:
        # Silent while a mail server takes its time, it may be for a letter's lease; `sessions` gives it less.
        silent = f"{LEASE.total_seconds() * 1000:.0f}ms"
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [silent])
        name = f"decommerce.delivery of {socket.gethostname()}:{os.getppid()}"
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])


def _makes_runs() -> bool:
    taken = current_app.amqp.queues.consume_from
    return any(settings.CELERY_TASK_ROUTES[task]["queue"] in taken for task in TASKS.values())


def deliver_due() -> int:
    """Deliver what is due, a few messages of each tenant in turn, until the time is over; returns how many left.

    Any number may be at it at once.
    """
    tenant_ids = tenants_with_messages()
    # Where there is time for some of them only, chance is fair and the lowest number is not.
    random.shuffle(tenant_ids)
    turns = deque(tenant_ids)
    ends = time.monotonic() + TURN_SECONDS
    sent = 0
    with MailServer() as server:
        senders: Senders = {MessageChannel.EMAIL: server.send, MessageChannel.PUSH: push_message}
        while turns and not _is_over(ends):
            tenant_id = turns.popleft()
            _settle_lost(tenant_id)
            answers = _send_few(tenant_id, senders, ends)
            sent += sum(answer.state == MessageState.SENT for answer in answers)
            if len(answers) == FEW:
                turns.append(tenant_id)
    return sent


def _is_over(ends: float) -> bool:
    return is_stopping() or time.monotonic() >= ends


def _send_few(tenant_id: int, senders: Senders, ends: float) -> list[Answer]:
    answers: list[Answer] = []
    while len(answers) < FEW and not _is_over(ends):
        message = _claim(tenant_id)
        if message is None:
            break
        answers.append(_hand_over(message, senders))
    return answers


def _hand_over(message: OutboundMessage, senders: Senders) -> Answer:
    if message.state == MessageState.SUPPRESSED:
        return Answer(MessageState.SUPPRESSED, message.last_error)
    answer = senders[message.channel](message)
    reached("mail.answered")
    _settle(message, answer)
    return answer


def _settle_lost(tenant_id: int) -> None:
    """Say what became of messages whose sender is gone."""
    with tenant_scope(tenant_id, boundary="mail_lost"):
        lost = OutboundMessage.objects.filter(state=MessageState.SENDING, lease_until__lt=Now())
        repeatable = lost.filter(channel=MessageChannel.PUSH, attempts__lt=MOST_ATTEMPTS)
        repeatable.update(state=MessageState.QUEUED, lease_until=None)
        told = set(lost.filter(channel=MessageChannel.EMAIL).values_list("app_id", flat=True))
        count = lost.update(state=MessageState.UNKNOWN, last_error=LOST, lease_until=None)
        tell_of_doubts(told)
    if count:
        logger.warning("%s messages of tenant %s are unknown: their sender is gone", count, tenant_id)


def _claim(tenant_id: int) -> OutboundMessage | None:
    """The next message, ours as long as its fence is the newest, or suppressed as it is no longer wanted.

    One at a time: a crash leaves one unknown at most.
    """
    with tenant_scope(tenant_id, boundary="mail_claim"):
        due = OutboundMessage.objects.filter(state=MessageState.QUEUED, run_at__lte=Now())
        message = due.select_for_update(skip_locked=True).order_by("run_at", "pk").first()
        if message is not None and not withhold_unwanted(message):
            message.fence += 1
            message.attempts += 1
            OutboundMessage.objects.filter(pk=message.pk).update(
                state=MessageState.SENDING,
                fence=message.fence,
                attempts=message.attempts,
                lease_until=Now() + LEASE,
            )
    return message


def _settle(message: OutboundMessage, answer: Answer) -> None:
    """Write the outcome, unless the claim is no longer ours."""
    state, words = answer.state, answer.words
    if state == MessageState.QUEUED and message.attempts >= MOST_ATTEMPTS:
        state, words = MessageState.FAILED, f"Given up after {message.attempts} attempts. {words}"
    outcome = {
        "state": state,
        "last_error": words,
        "lease_until": None,
        "sent_at": Now() if state == MessageState.SENT else None,
        "run_at": Now() + _pause(message, answer) if state == MessageState.QUEUED else F("run_at"),
    }
    with tenant_scope(message.tenant_id, boundary="mail_outcome"):
        ours = OutboundMessage.objects.filter(pk=message.pk, fence=message.fence, state=MessageState.SENDING)
        held = ours.update(**outcome)
        if held and answer.dead is not None:
            mark_dead(message.to_address, answer.dead, message.message_id)
        if held and state == MessageState.UNKNOWN and message.channel == MessageChannel.EMAIL:
            tell_of_doubts([message.app_id])
    DELIVERIES.labels(message.channel, state).inc()
    where = f"message {message.pk} (tenant {message.tenant_id}, attempt {message.attempts})"
    if not held:
        logger.warning("%s: its lease was lost before the outcome “%s” could be written", where, state)
    else:
        # The words of a mail server may quote an address; they stand with the message.
        logger.info("%s: %s", where, state)


def _pause(message: OutboundMessage, answer: Answer) -> timedelta:
    return max(backoff(message.attempts), min(answer.wait, LONGEST_BACKOFF))


def backoff(attempts: int) -> timedelta:
    """How long after that many attempts the next one is made, spread so that they do not come back together."""
    doubled = min(FIRST_BACKOFF * 2 ** (attempts - 1), LONGEST_BACKOFF)
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    return timedelta(seconds=doubled.total_seconds() * spread)
