"""One turn: the model answers, reads through tools, answers again, until it is done or a person must decide."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress

from chat.model.port import Done, Event, Failed, Model, TextDelta, ToolCall
from chat.text import storable
from chat.toolbox import Toolbox
from chat.turns import record
from chat.turns.draft import Draft
from chat.turns.outcome import settle_answer
from chat.turns.signals import announce
from decommerce.tenancy.principal import Principal
from decommerce.tenancy.threads import in_tenant

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.08
SIGN_OF_LIFE_SECONDS = 2.0
MOST_ROUNDS = 10
MOST_REPAIRS = 3
MOST_CHARACTERS = 60_000

BROKEN = Failed(
    "internal_error", "Something went wrong on our side.", "Ask again; if it fails again, tell an admin the time.", True
)
NO_END = Failed("no_answer", "The model ended without an answer.", "Ask again.", True)
TOO_LONG = Failed("answer_too_long", "The answer grew too long and was cut.", "Ask for less at once.")
TOO_MANY_ROUNDS = Failed(
    "too_many_rounds", f"The model called tools {MOST_ROUNDS} times in a row.", "Ask for one thing."
)

NOT_REPAIRED = Failed(
    "not_repaired",
    f"What the model proposed was refused, and {MOST_REPAIRS} repairs did not put it right.",
    "Say it in other words or ask for less at once, or choose a ready-made app.",
)


class Turn:
    """Writes answers into the record until none is left to write."""

    def __init__(self, principal: Principal, conversation_id: int, answer_id: int, model: Model) -> None:
        self.principal = principal
        self.conversation_id = conversation_id
        self.answer_id = answer_id
        self.model = model
        self.toolbox = Toolbox(principal)
        self.refusals = 0

    async def run(self) -> None:
        """The whole turn; whatever happens, the answer does not stay open."""
        try:
            for _ in range(MOST_ROUNDS):
                following = await self._answer()
                if following is None:
                    return
                self.answer_id = following
                if self.refusals > MOST_REPAIRS:
                    await self._fail(NOT_REPAIRED)
                    return
            await self._fail(TOO_MANY_ROUNDS)
        except Exception:
            logger.exception("a turn of conversation %s failed", self.conversation_id)
            await self._fail(BROKEN)

    async def _answer(self) -> int | None:
        """One answer; returns the next to write, if the model goes on."""
        draft = Draft()
        transcript = await in_tenant(self.principal, record.transcript_of, self.principal, self.conversation_id)
        reading = asyncio.create_task(self._read(draft, self.model.stream(transcript, self.toolbox.specs())))
        try:
            if not await self._write_until_done(draft, reading):
                return None
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
        if not isinstance(draft.end, Done):
            await self._fail(draft.end or NO_END, draft.text)
            return None
        settled = await in_tenant(self.principal, settle_answer, self.toolbox, self.model.name, self.answer_id, draft)
        announce(self.conversation_id)
        self.refusals += settled.refused
        return settled.following

    async def _read(self, draft: Draft, stream: AsyncIterator[Event]) -> None:
        async for event in stream:
            if isinstance(event, TextDelta):
                draft.text += storable(event.text)
            elif isinstance(event, ToolCall):
                draft.calls.append(event)
            else:
                draft.end = event
            if len(draft.text) > MOST_CHARACTERS:
                draft.text, draft.end = draft.text[:MOST_CHARACTERS], TOO_LONG
                return

    async def _write_until_done(self, draft: Draft, reading: asyncio.Task[None]) -> bool:
        """Keep the record up with the draft; False when the answer was stopped meanwhile."""
        written, last = 0, time.monotonic()
        while not reading.done():
            await asyncio.wait({reading}, timeout=FLUSH_SECONDS)
            if len(draft.text) == written and time.monotonic() - last < SIGN_OF_LIFE_SECONDS:
                continue
            written, last = len(draft.text), time.monotonic()
            if not await in_tenant(self.principal, record.write_text, self.answer_id, draft.text):
                return False
            announce(self.conversation_id)
        reading.result()
        return True

    async def _fail(self, failed: Failed, text: str | None = None) -> None:
        await in_tenant(self.principal, record.fail_answer, self.answer_id, failed, text)
        announce(self.conversation_id)
