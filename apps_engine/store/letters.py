"""Messages that are no events: added, and counted where the same one comes again."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import dumps

# As long as an event may be on the queue: one that is kept whole can be taken in anew.
LONGEST = 1_048_576
# The runtime sees of a letter what finds and counts it, and nothing of what is in it.
_ADD = """
INSERT INTO engine_deadletter AS stored (body, content_type, code, reason, digest, received_at)
VALUES (%s, %s, %s, %s, %s, now())
ON CONFLICT (digest) DO UPDATE SET times = stored.times + 1, last_at = now()
"""


def add_letter(message: Any, code: str, reason: str, content_type: str = "") -> None:
    """Keep a message, with the reason why it is no event; one that was refused for the same is counted instead."""
    body = message if isinstance(message, str) else dumps(message)
    told = [_storable(body[:LONGEST]), _storable(content_type)[:100], code, _storable(reason)]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*told, _digest([code, content_type, message])])


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL and no half of a character; a broker hands both on."""
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


def _digest(letter: Any) -> bytes:
    """The database gives an envelope's members another order than it was written in, so they are sorted."""
    return hashlib.sha256(dumps(letter, sort_keys=True).encode(errors="replace")).digest()
