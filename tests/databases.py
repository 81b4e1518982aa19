"""The databases of a test run: one migrated template, and a copy of it for each process.

The template's name holds a digest of everything that shapes the schema, so it is made again only when that changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy.local.services import start_services, stop_services

ROLES = {"RUNTIME_DATABASE_URL": "decommerce_runtime", "SCHEDULER_DATABASE_URL": "decommerce_scheduler"}
SHAPES = ("migrations/*.py", "models.py", "models/*.py", "tenancy/isolation.py", "tenancy/roles.py")
PACKAGES = ("decommerce", "apps_engine", "workers", "mcp_gateway", "chat", "connectors", "actions")


@dataclass(frozen=True)
class TestServices:
    """The services a run shares, and the password its roles sign in with."""

    __test__ = False

    root: Path
    admin_url: str
    redis_url: str

    @property
    def password(self) -> str:
        """One password for both roles, the same in every process of every run on these services."""
        return hashlib.sha256(self.admin_url.encode()).hexdigest()

    def database_url(self, name: str, role: str | None = None) -> str:
        """The address of a database, for its owner or for a role."""
        url = urlsplit(self.admin_url)
        host = url.netloc.rpartition("@")[2]
        netloc = url.netloc if role is None else f"{role}:{self.password}@{host}"
        return urlunsplit((url.scheme, netloc, f"/{name}", "", ""))

    def environment(self, database: str) -> dict[str, str]:
        """The environment of a process that works in `database`."""
        return {
            "DJANGO_SETTINGS_MODULE": "decommerce.settings",
            "DATABASE_URL": self.database_url(database),
            **{name: self.database_url(database, role) for name, role in ROLES.items()},
            "REDIS_URL": self.redis_url,
            "DECOMMERCE_QUEUE_NAMESPACE": database,
            "DECOMMERCE_SECRET_KEY": "a key for tests only, of no worth to anyone",
            "DECOMMERCE_DEMO": "1",
            "ANTHROPIC_API_KEY": "",
        }


@contextmanager
def shared_services(repository: Path) -> Iterator[TestServices]:
    """Services that live as long as any test run uses them."""
    root = repository / ".test"
    root.mkdir(exist_ok=True)
    with (root / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        services = start_services(root / "services", durable=False)
        yield TestServices(root, services.database_url, services.redis_url)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        stop_services(root / "services")


def make_template(services: TestServices, repository: Path) -> str:
    """The name of the migrated template; made by whoever comes first."""
    name = f"template_{_shape(repository)}"
    with (services.root / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(services.admin_url, autocommit=True) as admin:
            _drop_abandoned(admin)
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return name
            draft = f"draft_{os.getpid()}"
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            environment = {**os.environ, **services.environment(draft)}
            command = [sys.executable, "manage.py", "setup_database", "--verbosity", "0"]
            subprocess.run(command, cwd=repository, env=environment, check=True)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            admin.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def copy_template(services: TestServices, template: str, name: str) -> None:
    """A database of its own for this process."""
    with psycopg.connect(services.admin_url, autocommit=True) as admin:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(services: TestServices, name: str) -> None:
    """Delete a copy, whoever is still signed in to it."""
    with psycopg.connect(services.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _shape(repository: Path) -> str:
    digest = hashlib.sha256()
    for package in PACKAGES:
        for pattern in SHAPES:
            for path in sorted((repository / package).rglob(pattern)):
                digest.update(str(path.relative_to(repository)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _drop_abandoned(admin: psycopg.Connection) -> None:
    """Databases of processes that no longer live: a killed run cannot clean up after itself."""
    names = [row[0] for row in admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^(test|draft)_[0-9]+'")]
    for name in names:
        if not Path(f"/proc/{name.split('_')[1]}").exists() and Path("/proc/self").exists():
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
