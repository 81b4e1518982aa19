"""A community with one thing of every kind, so that the requests of a schema find something to act on."""

from __future__ import annotations

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect
from decommerce.outgoing.allowlist import allow_domain
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.principal import SCOPES, system_principal
from tests.apps_engine.api.definitions import short_list


def key_and_numbers(tenant) -> tuple[str, dict[str, int]]:
    """The secret of a key that may do everything, and the number of each thing; `old_...` may be deleted."""
    principal = system_principal(tenant.pk, "the test")
    with tenant_scope(tenant.pk):
        secret = create_key(principal, "Full", SCOPES)[1]
        app = create_app(principal, short_list())
        run = run_app(principal, app.pk)
        call = Effect.objects.create(
            execution=run, idem_key="1", path="main/a", action="webhook", fence=1, state="unknown"
        )
        numbers = {
            "app_id": app.pk,
            "run_id": run.pk,
            "effect_id": call.pk,
            "key_id": create_key(principal, "Old", ["apps:read"])[0].pk,
            "domain_id": allow_domain(principal, "hooks.example.com").pk,
            "old_app_id": create_app(principal, short_list("Old")).pk,
            "old_domain_id": allow_domain(principal, "old.example.com").pk,
        }
    return secret, numbers
