"""The environment of the processes (what `decommerce/settings.py` reads), and the file of it for scripts."""

import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local.choices import Choices
from deploy.local.folder import DemoFolder
from deploy.local.ports import LOOPBACK
from deploy.local.private_files import write_private
from deploy.local.secret_values import SecretValues
from deploy.local.services import Services

RUNTIME_ROLE = "decommerce_runtime"
SCHEDULER_ROLE = "decommerce_scheduler"
FLOWER_USER = "operator"
# Only `manage.py setup_database` and `seed_demo` may act as the owner of the tables.
OWNER_ONLY = ("DATABASE_URL",)


def owner_environment(
    inherited: Mapping[str, str], choices: Choices, services: Services, values: SecretValues
) -> dict[str, str]:
    """The whole environment, the owner's address of the database included."""
    return {**_clean(inherited, choices), **settings_environment(choices, services, values), "PYTHONUNBUFFERED": "1"}


def runtime_environment(owner: Mapping[str, str]) -> dict[str, str]:
    """What the running processes get: the same without the owner's address."""
    return {name: value for name, value in owner.items() if name not in OWNER_ONLY}


def settings_environment(choices: Choices, services: Services, values: SecretValues) -> dict[str, str]:
    """The settings that differ from one running system to the next."""
    return {
        "DJANGO_SETTINGS_MODULE": "decommerce.settings",
        "DATABASE_URL": services.database_url,
        "RUNTIME_DATABASE_URL": as_role(services.database_url, RUNTIME_ROLE, values.runtime_password),
        "SCHEDULER_DATABASE_URL": as_role(services.database_url, SCHEDULER_ROLE, values.scheduler_password),
        "REDIS_URL": services.redis_url,
        "BROKER_URL": choices.broker_url or services.redis_url,
        "EMAIL_URL": choices.mail_url,
        "DECOMMERCE_SECRET_KEY": values.secret_key,
        "DECOMMERCE_VAPID_PRIVATE_KEY": values.vapid_private_key,
        # The same person looks after Flower and the pages for operators.
        "DECOMMERCE_OPERATORS_PASSWORD": values.flower_password,
        "DECOMMERCE_FLOWER_URL": choices.flower_url,
        "DECOMMERCE_DEBUG": "0",
        "DECOMMERCE_DEMO": "1",
        "DECOMMERCE_ALLOWED_HOSTS": f"{LOOPBACK},localhost",
        "DECOMMERCE_PUBLIC_URL": choices.url,
    }


def as_role(url: str, role: str, password: str) -> str:
    """The same database, another role."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{address}"))


def write_environment(folder: DemoFolder, choices: Choices, services: Services, values: SecretValues) -> None:
    """Write `.demo/env`, mode 0600: `set -a; . .demo/env` gives a shell all that `manage.py` and scripts need."""
    lines = {
        "DECOMMERCE_URL": choices.url,
        "DECOMMERCE_MCP_URL": f"{choices.url}/mcp",
        "FLOWER_URL": choices.flower_url,
        "FLOWER_USER": FLOWER_USER,
        "FLOWER_PASSWORD": values.flower_password,
        "MAIL_FOLDER": str(folder.mail),
        **settings_environment(choices, services, values),
        **tenant_lines(folder.tenants()),
    }
    write_private(folder.environment, "".join(f"{name}={shlex.quote(value)}\n" for name, value in lines.items()))


def tenant_lines(tenants: list[dict[str, Any]]) -> dict[str, str]:
    """One line for each text of each tenant, named by its slug: ACME_EMAIL, ACME_PASSWORD, ACME_MCP_KEY."""
    return {
        f"{_shell_name(tenant['slug'])}_{_shell_name(key.removeprefix('admin_'))}": value
        for tenant in tenants
        for key, value in tenant.items()
        if isinstance(value, str)
    }


def _shell_name(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", text.upper())


def _clean(inherited: Mapping[str, str], choices: Choices) -> dict[str, str]:
    """PGHOST, PGSSLMODE and their kin are about the caller's server, not about ours."""
    if choices.database_url is not None:
        return dict(inherited)
    return {name: value for name, value in inherited.items() if not name.startswith("PG")}
