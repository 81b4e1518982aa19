"""The account that the services run as."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.errors import LocalError

# PostgreSQL refuses to run as root. These accounts exist on every Linux and macOS, so none has to be made.
UNPRIVILEGED = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs a service: `drops` is False when that is simply who we are already."""

    name: str
    uid: int
    gid: int
    drops: bool

    @property
    def process_arguments(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that make the child this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops else {}

    def take(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if self.drops:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def take_tree(self, folder: Path) -> None:
        """Make this account the owner of `folder` and of all that is in it."""
        if self.drops:
            self.take(folder)
            for entry in folder.rglob("*"):
                self.take(entry)


def service_account() -> Account:
    """The account for the services: ourselves, or an unprivileged one when we are root."""
    if os.geteuid() != 0:
        return Account(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid(), drops=False)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return Account(name=name, uid=known[name].pw_uid, gid=known[name].pw_gid, drops=True)
    raise LocalError(
        f"PostgreSQL does not run as root and none of the accounts {', '.join(UNPRIVILEGED)} exists: "
        "run as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )
