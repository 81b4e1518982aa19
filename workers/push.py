"""Pushing one message to every device of its member, and reading what the answers mean together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.push.errors import PushNotSetUp
from decommerce.push.messages import payload_of, topic_of
from decommerce.push.sending import PushAnswer, PushStatus, push
from decommerce.push.subscriptions import devices_of, forget
from decommerce.tenancy.context import tenant_scope
from workers.answer import Answer

NO_DEVICE = "The member has no device that can be pushed to."


def push_message(message: OutboundMessage) -> Answer:
    """Push to the member's devices; those that are gone are forgotten. Raises nothing that a push service can cause."""
    with tenant_scope(message.tenant_id):
        devices = devices_of(message.member_id) if message.member_id is not None else []
    try:
        payload, topic = payload_of(message), topic_of(message)
        answers = [push(device, payload, topic) for device in devices]
    except PushNotSetUp as error:
        return Answer(MessageState.FAILED, error.message)
    gone = [device.pk for device, answer in zip(devices, answers, strict=True) if answer.status == PushStatus.GONE]
    if gone:
        with tenant_scope(message.tenant_id, boundary="push_devices"):
            forget(gone)
    return _together(answers)


def _together(answers: Sequence[PushAnswer]) -> Answer:
    """One device that took it is enough: whoever was told once is not told again because another device is off."""
    words = "; ".join(dict.fromkeys(answer.words for answer in answers if answer.words))
    statuses = {answer.status for answer in answers}
    if PushStatus.ACCEPTED in statuses:
        return Answer(MessageState.SENT, words)
    if PushStatus.LATER in statuses:
        wait = max(answer.retry_after or 0 for answer in answers)
        return Answer(MessageState.QUEUED, words, timedelta(seconds=wait))
    return Answer(MessageState.FAILED, words if PushStatus.REFUSED in statuses else NO_DEVICE)
