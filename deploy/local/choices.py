"""What the caller's environment asks for, before anything is started."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK, free_port, is_taken

WEB_PORT = 8000
FLOWER_PORT = 5555
MAIL_PORT = 8025


@dataclass(frozen=True)
class Choices:
    """Ports, and the addresses of servers that the caller brings (None: use the embedded one)."""

    web_port: int
    flower_port: int
    mail_port: int
    database_url: str | None
    redis_url: str | None
    broker_url: str | None = None

    @property
    def url(self) -> str:
        """Where people find the system."""
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def flower_url(self) -> str:
        return f"http://{LOOPBACK}:{self.flower_port}"

    @property
    def mail_url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.mail_port}"


def read_choices(environment: Mapping[str, str], embedded: frozenset[str] = frozenset()) -> Choices:
    """The caller's choices.

    `embedded` are the addresses of our own servers: a shell that sourced `.demo/env` has those, and means no others.
    Raises LocalError for a port that is no number or in use.
    """
    brought = {name: environment.get(name) or None for name in ("DATABASE_URL", "REDIS_URL", "BROKER_URL")}
    own = {name: None if url in embedded else url for name, url in brought.items()}
    web_port = _web_port(environment.get("PORT") or str(WEB_PORT))
    return Choices(
        web_port=web_port,
        flower_port=_companion(FLOWER_PORT, web_port),
        mail_port=_companion(MAIL_PORT, web_port),
        database_url=own["DATABASE_URL"],
        redis_url=own["REDIS_URL"],
        broker_url=own["BROKER_URL"],
    )


def _web_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise LocalError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    if is_taken(int(text)):
        raise LocalError(f"Port {text} is in use: stop what listens there, or choose another: `PORT=8001 make demo`.")
    return int(text)


def _companion(port: int, web_port: int) -> int:
    """The port of a part that nobody has to know by heart; that of a second system must not be the first one's."""
    return port if web_port == WEB_PORT and not is_taken(port) else free_port()
