"""The verbs of `manage.py app` for the addresses at which other systems call apps (TRG-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.api.shell import Outcome, Verb, principal_of
from apps_engine.services.webhooks import list_webhooks, make_secret, webhook_as_dict
from decommerce.tenancy.context import tenant_scope


def webhooks(options: Mapping[str, Any]) -> Outcome:
    """The addresses of an app, and what came of the latest calls."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome([webhook_as_dict(webhook) for webhook in list_webhooks(principal, options["name"])])


def secret(options: Mapping[str, Any]) -> Outcome:
    """A new secret of an address, shown this once."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        address, made = make_secret(
            principal, options["name"], options["trigger"], secret=options["secret"], end_old=options["end_old"]
        )
        return Outcome({"trigger": address.trigger_id, "secret": made})


WEBHOOK_VERBS: Mapping[str, Verb] = {
    "webhooks": Verb("list where other systems call an app", webhooks, ("name", "tenant")),
    "webhook-secret": Verb(
        "make the secret that calls are signed with", secret, ("name", "trigger", "tenant", "secret", "end old")
    ),
}
