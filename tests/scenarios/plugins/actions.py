"""Actions for tests. None of them is idempotent by itself: whatever happens once happens once because of the engine."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import requests
from django.db import OperationalError
from pydantic import BaseModel, ConfigDict
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from apps_engine.contracts import (
    Action,
    ActionContext,
    Call,
    ExternalAction,
    LocalAction,
    Repeatable,
    Request,
    Response,
)
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.services.notifications import NewNotification, notify
from decommerce.tenancy.errors import PlatformError
from tests.scenarios.plugins.gates import Gate

DEADLINE_SECONDS = 2.0


class StampParams(BaseModel):
    """`gate` is passed by the call whose `number` is `hold_at`; a `deadly` one kills its worker."""

    model_config = ConfigDict(extra="forbid")

    member_id: int
    text: str
    number: int = 0
    hold_at: int = 0
    gate: str = ""
    deadly: bool = False


class Stamp(LocalAction[StampParams]):
    """Leaves a line in a member's inbox, each time it is called: two calls leave two."""

    name = "stamp"
    summary = "Leave a line"
    sentence = "leaves lines"
    Params = StampParams

    def shared(self, params: StampParams) -> bool:
        return True

    def apply(self, batch: Sequence[Call[StampParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        if any(call.params.deadly for call in batch):
            os.kill(os.getpid(), signal.SIGKILL)
        for call in batch:
            if call.params.gate and call.params.number == call.params.hold_at:
                Gate(call.params.gate).pass_through()
        notify([NewNotification(call.params.member_id, call.params.text) for call in batch])
        return [{} for _ in batch]


class StampTogether(Stamp):
    """The same, where runs of one app may share a transaction.

    What a text with BROKEN in it asks for is done for each run by itself; one with REFUSED in it has the database
    give up on the batch, which is undone.
    """

    name = "stamp_together"

    def shared(self, params: StampParams) -> bool:
        return True

    def apply(self, batch: Sequence[Call[StampParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        if len(batch) > 1 and any("BROKEN" in call.params.text for call in batch):
            raise PlatformError("Not together.", code="not_together")
        if len(batch) > 1 and any("REFUSED" in call.params.text for call in batch):
            raise OperationalError("The database gives up on it, as on one of two who wait for each other.")
        return super().apply(batch, context)


class NoParams(BaseModel):
    """Takes nothing."""

    model_config = ConfigDict(extra="forbid")


class Kill(LocalAction[NoParams]):
    """Ends its own process as the kernel does when memory runs out."""

    name = "kill_worker"
    summary = "Kill the worker"
    sentence = "kills its worker"
    Params = NoParams

    def apply(self, batch: Sequence[Call[NoParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        os.kill(os.getpid(), signal.SIGKILL)
        return [{} for _ in batch]


class FailParams(BaseModel):
    """Whether the failure may be gone at the next attempt, and when to come again."""

    model_config = ConfigDict(extra="forbid")

    retryable: bool
    retry_after: int | None = None


class Fail(LocalAction[FailParams]):
    """Always refuses."""

    name = "fail"
    summary = "Fail"
    sentence = "fails"
    Params = FailParams

    def apply(self, batch: Sequence[Call[FailParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        params = batch[0].params
        raise PlatformError(
            "This never works.", code="never_works", retryable=params.retryable, retry_after=params.retry_after
        )


class OutsideParams(BaseModel):
    """Where to, and what to say."""

    model_config = ConfigDict(extra="forbid")

    url: str
    text: str


class Refused(PlatformError):
    """The server wants none of it, after it has thought about it."""

    code = "refused"
    spent = {"tokens": 1000}


class Told(BaseModel):
    """The answer of the test's server."""

    receipt: int
    text: str


def post(url: str, text: str, key: str, seconds: float) -> Told:
    """Send a text; raises PlatformError as real clients do."""
    try:
        answer = requests.post(url, data=text.encode(), headers={"Idempotency-Key": key}, timeout=seconds)
    except requests.ConnectionError as error:
        # Only where no connection came about is it certain that nothing arrived.
        reason = getattr(error.args[0], "reason", None) if error.args else None
        sent = not isinstance(reason, NewConnectionError | ConnectTimeoutError)
        code = "no_answer" if sent else "not_reached"
        raise PlatformError("The connection failed.", code=code, retryable=True, sent=sent) from error
    except requests.Timeout as error:
        raise PlatformError("No answer.", code="no_answer", retryable=True, sent=True) from error
    if answer.status_code != 200:
        raise Refused("Refused.", sent=True)
    return Told.model_validate(answer.json())


class TellKeyed(ExternalAction[OutsideParams]):
    """Tells a server that honours idempotency keys."""

    name = "tell_keyed"
    summary = "Tell a server that honours keys"
    sentence = "tells a server"
    Params = OutsideParams
    repeatable = Repeatable.BY_KEY

    def prepare(self, call: Call[OutsideParams], context: ActionContext) -> Request:
        return Request(self.name, {**call.params.model_dump(), "key": call.key}, DEADLINE_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        body = request.body
        told = post(body["url"], body["text"], body["key"], request.deadline_seconds)
        return Response({"receipt": told.receipt})

    def preview(self, request: Request) -> Mapping[str, Any]:
        return {"receipt": 0}


class TellOnce(TellKeyed):
    """Tells a server that does not honour keys: nobody may tell it twice."""

    name = "tell_once"
    repeatable = Repeatable.NEVER


class TellLookedUp(TellKeyed):
    """Tells a server that does not honour keys and can be asked what it was told."""

    name = "tell_looked_up"
    repeatable = Repeatable.BY_LOOKUP

    def look_up(self, request: Request, context: ActionContext) -> Response | None:
        body = request.body
        answer = requests.get(body["url"], params={"key": body["key"]}, timeout=request.deadline_seconds)
        if answer.status_code != 200:
            raise PlatformError("Cannot be asked.", code="cannot_be_asked")
        receipt = answer.json()["receipt"]
        return None if receipt is None else Response({"receipt": receipt})


class TellPatiently(TellKeyed):
    """Tells a server that honours keys and may take its time."""

    name = "tell_patiently"

    def prepare(self, call: Call[OutsideParams], context: ActionContext) -> Request:
        return replace(super().prepare(call, context), deadline_seconds=60.0)


class Ask(ExternalAction[OutsideParams]):
    """Asks a server something, as a model is asked: counted, and asked again where nobody knows."""

    name = "ask"
    summary = "Ask a server"
    sentence = "asks a server"
    Params = OutsideParams
    result = (
        FieldSpec("text", FieldType.TEXT, "The answer"),
        FieldSpec("receipt", FieldType.INTEGER, "Its number"),
    )
    spends = "ai"
    repeatable = Repeatable.SAFELY

    def prepare(self, call: Call[OutsideParams], context: ActionContext) -> Request:
        return Request(self.name, {**call.params.model_dump(), "key": call.key}, DEADLINE_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        body = request.body
        told = post(body["url"], body["text"], body["key"], request.deadline_seconds)
        return Response({"text": told.text, "receipt": told.receipt}, usage={"tokens": len(told.text)})

    def preview(self, request: Request) -> Mapping[str, Any]:
        return {"text": "", "receipt": 0}


class AskCached(Ask):
    """The same, where the same question is asked once in a run."""

    name = "ask_cached"
    cached = True

    def prepare(self, call: Call[OutsideParams], context: ActionContext) -> Request:
        return Request(self.name, {**call.params.model_dump(), "key": ""}, DEADLINE_SECONDS)


ACTIONS: tuple[Action, ...] = (
    Stamp(),
    StampTogether(),
    Kill(),
    Fail(),
    TellKeyed(),
    TellOnce(),
    TellLookedUp(),
    TellPatiently(),
    Ask(),
    AskCached(),
)
