"""What the services remember between two starts."""

import json
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.accounts import Account
from deploy.local.private_files import private_folder, write_private

# Files made by an account that root dropped to have to lie where that account can go: not below /root.
REACHABLE = Path("/var/tmp")  # noqa: S108 - a private folder with a random name is made below it


@dataclass
class State:
    """`base` holds the data of both services; the ports are those of the last start (0: not chosen yet)."""

    base: Path
    postgres_password: str
    valkey_password: str
    postgres_port: int = 0
    valkey_port: int = 0


def load_state(root: Path) -> State | None:
    """The state of `root`; None when nothing was ever started there."""
    try:
        stored = json.loads((root / "state.json").read_text())
    except FileNotFoundError:
        return None
    return State(**{**stored, "base": root / stored["base"]})


def save_state(root: Path, state: State) -> None:
    """Write the state of `root`, mode 0600: it holds both passwords."""
    # Relative when it lies inside, so that the data is found again after the checkout was moved.
    base = state.base.relative_to(root) if state.base.is_relative_to(root) else state.base
    write_private(root / "state.json", json.dumps({**asdict(state), "base": str(base)}, indent=1) + "\n")


def load_or_make_state(root: Path, account: Account) -> State:
    """The state of `root`, and the folder it names; both are made when they are missing."""
    state = load_state(root)
    if state is None or not state.base.is_dir():
        state = State(_new_base(root, account), secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        save_state(root, state)
    private_folder(state.base, account)
    return state


def _new_base(root: Path, account: Account) -> Path:
    if not account.drops:
        return private_folder(root / "data")
    parent = REACHABLE if REACHABLE.is_dir() else Path(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix="decommerce-", dir=parent))
