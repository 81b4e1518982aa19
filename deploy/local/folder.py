"""What lies where below `.demo`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.private_files import private_folder


@dataclass(frozen=True)
class DemoFolder:
    """The folder of one running system: its data, its logs and what scripts read."""

    root: Path

    @property
    def services(self) -> Path:
        return self.root / "services"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def metrics(self) -> Path:
        """What the processes of one run count; of no worth to the next."""
        return self.root / "metrics"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def lock(self) -> Path:
        """Held by the supervisor for as long as it lives."""
        return self.root / "supervisor.lock"

    @property
    def run(self) -> Path:
        return self.root / "run.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def credentials(self) -> Path:
        """Written by `manage.py seed_demo`."""
        return self.root / "credentials.json"

    @property
    def environment(self) -> Path:
        """Lines that a shell can source."""
        return self.root / "env"

    def make(self) -> None:
        for folder in (self.root, self.logs, self.mail):
            private_folder(folder)

    def tenants(self) -> list[dict[str, Any]]:
        """The tenants of the demo community with their logins and keys; empty when it was never seeded."""
        try:
            stored = json.loads(self.credentials.read_text())
        except FileNotFoundError:
            return []
        tenants: list[dict[str, Any]] = stored["tenants"]
        return tenants
