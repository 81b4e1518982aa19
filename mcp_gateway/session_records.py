"""What any web process must know of a session of the older era, in Valkey: whose it is, and what was agreed on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from redis.asyncio import Redis

# From its last request on. A client that comes later begins a new session, as the protocol has it.
LIFETIME_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """`owner` is the SDK's authorization context of the key that opened it; `greeting` what `initialize` brought."""

    owner: dict[str, Any]
    version: str
    greeting: dict[str, Any]


class SessionRecords:
    """The records, by session. Everything raises RedisError where Valkey does not answer."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def keep(self, identifier: str, record: SessionRecord) -> None:
        """Write a new session down."""
        await self._client.set(_key(identifier), json.dumps(asdict(record)), ex=LIFETIME_SECONDS)

    async def find(self, identifier: str) -> SessionRecord | None:
        """The session, which lives on from now; None for one that is over or never was."""
        found = await self._client.getex(_key(identifier), ex=LIFETIME_SECONDS)
        return None if found is None else SessionRecord(**json.loads(found))

    async def end(self, identifier: str) -> None:
        """No process knows it any more."""
        await self._client.delete(_key(identifier))


def answers_channel() -> str:
    """Where answers of clients are passed on to whichever process asked."""
    return f"{settings.QUEUE_NAMESPACE}:mcp:answers"


def _key(identifier: str) -> str:
    # An identifier is a secret of sorts; who reads Valkey's keys learns none.
    return f"{settings.QUEUE_NAMESPACE}:mcp:session:{hashlib.sha256(identifier.encode()).hexdigest()}"
