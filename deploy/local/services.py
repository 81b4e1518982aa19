"""PostgreSQL and Valkey on a machine that has neither: start, stop, forget.

`root` is a folder of the caller. It holds `state.json` (mode 0600) and, unless we are root, the data; as root the
data lies below /var/tmp, owned by the unprivileged account that runs the services.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local.accounts import service_account
from deploy.local.errors import LocalError
from deploy.local.locks import exclusive
from deploy.local.ports import free_port, is_taken
from deploy.local.postgres import Postgres
from deploy.local.private_files import private_folder
from deploy.local.state import State, load_or_make_state, load_state, save_state
from deploy.local.valkey import Valkey


@dataclass(frozen=True)
class Services:
    """Where the running services are. Both URLs hold a password."""

    database_url: str
    redis_url: str


def start_services(
    root: Path,
    *,
    postgres_port: int | None = None,
    redis_port: int | None = None,
    durable: bool = True,
    postgres: bool = True,
    valkey: bool = True,
) -> Services:
    """Start what does not run yet, on the data of last time, and return the superuser's URL and the queue's.

    Ports are chosen once and kept as long as nobody else takes them. `durable=False` does not wait for the disk.
    Raises LocalError when a port that the caller asked for is in use, or when a server does not start.
    """
    root = private_folder(root.resolve())
    with exclusive(root / "lock"):
        account = service_account()
        state = load_or_make_state(root, account)
        database, queue = _postgres(state), _valkey(state)
        if postgres and database.pid() is None:
            state.postgres_port = _port(postgres_port, state.postgres_port, "PostgreSQL")
            save_state(root, state)
            database.start(state.postgres_port, durable=durable)
        if valkey and queue.pid() is None:
            state.valkey_port = _port(redis_port, state.valkey_port, "Valkey")
            save_state(root, state)
            queue.start(state.valkey_port, durable=durable)
        return Services(database.url(state.postgres_port), queue.url(state.valkey_port))


def stop_services(root: Path) -> None:
    """Stop both services and keep their data. Nothing happens when they do not run."""
    root = root.resolve()
    if load_state(root) is None:
        return
    with exclusive(root / "lock"):
        _stop(root)


def purge(root: Path) -> None:
    """Stop both services and delete their data."""
    root = root.resolve()
    if load_state(root) is None:
        return
    with exclusive(root / "lock"):
        state = _stop(root)
        if state is not None:
            shutil.rmtree(state.base)
            (root / "state.json").unlink()


def service_pids(root: Path) -> dict[str, int | None]:
    """The process number of each service by name, None for one that does not run."""
    state = load_state(root.resolve())
    if state is None:
        return {"PostgreSQL": None, "Valkey": None}
    return {"PostgreSQL": _postgres(state).pid(), "Valkey": _valkey(state).pid()}


def embedded_urls(root: Path) -> frozenset[str]:
    """The addresses of the services of `root`, running or not; none when nothing was ever started there."""
    state = load_state(root.resolve())
    if state is None:
        return frozenset()
    return frozenset((_postgres(state).url(state.postgres_port), _valkey(state).url(state.valkey_port)))


def _stop(root: Path) -> State | None:
    state = load_state(root)
    if state is None or not state.base.is_dir():
        return None
    _valkey(state).stop()
    _postgres(state).stop()
    return state


def _postgres(state: State) -> Postgres:
    return Postgres(state.base, service_account(), state.postgres_password)


def _valkey(state: State) -> Valkey:
    return Valkey(state.base, service_account(), state.valkey_password)


def _port(asked: int | None, last: int, service: str) -> int:
    if asked is not None and is_taken(asked):
        raise LocalError(f"Port {asked} for {service} is in use: stop what listens there, or choose another port.")
    if asked is not None:
        return asked
    return last if last and not is_taken(last) else free_port()
