"""What is printed when the system runs: one address, the logins, the keys."""

from typing import Any

from deploy.local.environment import FLOWER_USER
from deploy.local.folder import DemoFolder
from deploy.local.runs import Run
from deploy.local.secret_values import SecretValues

LABEL_WIDTH = 11
# Those of each tenant who have a login in the demo's credentials.
ROLES = ("admin", "moderator")


def announcement(run: Run, folder: DemoFolder, values: SecretValues) -> str:
    """The whole text. It holds passwords: for the person who started the system, not for a log."""
    tenants = [line for tenant in folder.tenants() for line in (*_tenant(tenant), "")]
    rest = [
        _line("MCP", f"{run.url}/mcp   header: Authorization: Bearer KEY"),
        _line("Flower", f"{run.flower_url}   {FLOWER_USER}   {values.flower_password}"),
        _line("System", f"{run.url}/operations/   {FLOWER_USER}   {values.flower_password}"),
        _line("Mail", f"{folder.mail}   each message is a file"),
        _line("Logs", str(folder.logs)),
        _line("Shell", f"set -a; . {folder.environment}; set +a   and manage.py and your scripts know all of this"),
    ]
    return "\n".join(["", f"Decommerce is running: {run.url}", "", *tenants, *rest, ""])


def _tenant(tenant: dict[str, Any]) -> list[str]:
    logins = [_line(role, f"{tenant[f'{role}_email']}   {tenant[f'{role}_password']}") for role in ROLES]
    return [f"  {tenant['name']}", *logins, _line("MCP key", tenant["mcp_key"])]


def _line(label: str, text: str) -> str:
    return f"  {label:<{LABEL_WIDTH}}{text}"
