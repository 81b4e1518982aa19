"""Whether this process lives and can work, and how every part of the system is (OPS-01)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import DatabaseError, connection
from kombu import Connection
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from decommerce.operations.broker import takes_messages
from decommerce.operations.figures import Waiting, figures
from decommerce.operations.presence import presence

State = Literal["up", "late", "down"]
# Who has not answered by then does not.
ANSWER_SECONDS = 2.0
SILENT_SECONDS = 30.0
# Beat ticks every five seconds.
LATE_TICK_SECONDS = 60.0
LATE_RUN_SECONDS = 60.0
LATE_EVENT_SECONDS = 120.0
LATE_MESSAGE_SECONDS = 600.0
LATE_SCHEDULE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the system; `told` is a sentence for people."""

    name: str
    state: State
    told: str


@dataclass(frozen=True, slots=True)
class Health:
    """Every part, and whether anything is not as it should be."""

    parts: tuple[Part, ...]

    @property
    def well(self) -> bool:
        """Whether every part is up."""
        return all(part.state == "up" for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"status": "well" if self.well else "unwell", "parts": [asdict(part) for part in self.parts]}


def database_answers() -> bool:
    """Whether PostgreSQL does."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def queue_answers() -> bool:
    """Whether Redis or Valkey does."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS) as client:
            client.ping()
    except RedisError:
        return False
    return True


def queue_takes_writes() -> bool:
    """Whether it does: at its limit of memory, or where its disk is full, it answers and refuses them."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS) as client:
            client.set(f"{settings.QUEUE_NAMESPACE}:health", "", px=1_000)
    except RedisError:
        return False
    return True


def broker_answers() -> bool:
    """Whether the broker of hints and events does: RabbitMQ where that is set, or else Redis or Valkey."""
    if not settings.BROKER_IS_RABBITMQ:
        return queue_answers()
    connection = Connection(settings.CELERY_BROKER_URL, connect_timeout=ANSWER_SECONDS)
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=ANSWER_SECONDS)
    except (OperationalError, OSError):
        return False
    finally:
        connection.release()
    return True


def system_health() -> Health:
    """How every part is. What cannot be asked because another part is down is `down` too, and says so."""
    database, queue = database_answers(), queue_answers()
    parts = [
        _answering("PostgreSQL", database),
        _answering("Valkey", queue, queue_takes_writes, "writes"),
        *(
            [_answering("RabbitMQ", broker_answers(), takes_messages, "messages")]
            if settings.BROKER_IS_RABBITMQ
            else ()
        ),
        *_processes(queue),
        *_work(database),
    ]
    return Health(tuple(parts))


def _answering(name: str, answers: bool, takes: Callable[[], bool] = lambda: True, what: str = "") -> Part:
    if not answers:
        return Part(name, "down", "Does not answer.")
    if not takes():
        return Part(name, "down", f"Answers and takes no {what}: look at its limits of memory and disk.")
    return Part(name, "up", "Answers.")


def _processes(queue: bool) -> Iterator[Part]:
    for part, what, silent in (
        ("worker", "workers", SILENT_SECONDS),
        ("consumer", "event consumers", SILENT_SECONDS),
        ("beat", "beat", LATE_TICK_SECONDS),
    ):
        yield _process(what, part, silent) if queue else Part(what, "down", "Cannot be told while Valkey is away.")


def _process(what: str, part: str, silent: float) -> Part:
    try:
        heard = presence(part)
    except RedisError:
        return Part(what, "down", "Cannot be told while Valkey is away.")
    living = [seconds for seconds in heard.values() if seconds < silent]
    if part == "beat":
        return Part(what, "up" if living else "down", _told_of_beat(heard))
    if living:
        return Part(what, "up", f"{len(living)} at work, the latest sign {min(living):.0f} s ago.")
    last = f"The last sign was {min(heard.values()):.0f} s ago." if heard else "None has been heard of."
    return Part(what, "down", last)


def _told_of_beat(heard: dict[str, float]) -> str:
    return f"The last tick was {min(heard.values()):.0f} s ago." if heard else "No tick has been heard of."


# Open work, and after how many seconds the first of it is late.
WORK = {
    "runs": LATE_RUN_SECONDS,
    "outbox": LATE_EVENT_SECONDS,
    "messages": LATE_MESSAGE_SECONDS,
    "schedules": LATE_SCHEDULE_SECONDS,
}


def _work(database: bool) -> Iterator[Part]:
    try:
        found = figures() if database else {}
    except DatabaseError:
        found = {}
    for name, late in WORK.items():
        if name in found:
            yield Part(name, "late" if found[name].seconds > late else "up", _told_of_work(found[name]))
        else:
            yield Part(name, "down", "Cannot be told while PostgreSQL is away.")


def _told_of_work(found: Waiting) -> str:
    return f"{found.count:,} due, the first for {found.seconds:.0f} s." if found.count else "Nothing waits."
