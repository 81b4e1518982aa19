"""Following a conversation: what has changed since one last looked, until nothing is being written any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from chat.models import Message, MessageState
from chat.turns.record import give_up_abandoned
from chat.turns.signals import listening
from decommerce.tenancy.principal import Principal
from decommerce.tenancy.threads import in_tenant

LOOK_EVERY_SECONDS = 0.5
ALIVE_EVERY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Change:
    """A message as it is now; `html` replaces what was shown of it before, so a lost change costs nothing."""

    message_id: int
    state: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing happened for a while."""


Draw = Callable[[Message], str]


async def follow(
    principal: Principal, conversation_id: int, first_id: int, draw: Draw
) -> AsyncIterator[Change | Alive]:
    """Every change of the messages from `first_id` on; ends when no answer is being written."""
    seen: dict[int, int] = {}
    last = time.monotonic()
    with listening(conversation_id) as signal:
        while True:
            signal.clear()
            changes, running = await in_tenant(principal, _look, conversation_id, first_id, seen, draw)
            for change in changes:
                yield change
            if not running:
                return
            if changes:
                last = time.monotonic()
            elif time.monotonic() - last > ALIVE_EVERY_SECONDS:
                last = time.monotonic()
                yield Alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(signal.wait(), LOOK_EVERY_SECONDS)


def _look(conversation_id: int, first_id: int, seen: dict[int, int], draw: Draw) -> tuple[list[Change], bool]:
    give_up_abandoned(conversation_id)
    messages = Message.objects.filter(conversation_id=conversation_id, pk__gte=first_id).prefetch_related("calls")
    changes, running = [], False
    for message in messages:
        running = running or message.state == MessageState.STREAMING
        if seen.get(message.pk) != message.revision:
            seen[message.pk] = message.revision
            changes.append(Change(message.pk, message.state, message.text, draw(message)))
    return changes, running
