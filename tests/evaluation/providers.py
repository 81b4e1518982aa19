"""The models that are evaluated, one after the other, each in a community of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg

from chat.composer.offline_composer import OfflineComposer
from chat.model.choice import is_model_connected, model_for
from chat.model.port import Model
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership, User
from decommerce.tenancy.principal import ROLE_SCOPES, Principal
from tests.evaluation.case import cases
from tests.evaluation.report import evaluate, prepare, table

_TENANT = "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES (%s, %s, 'UTC', now()) RETURNING id"


def evaluate_all(owner_url: str, *, held_out: bool) -> None:
    """Print the table of each model."""
    for name, connect in _models():
        principal = _owner(owner_url, name.replace(" ", "-"))
        prepare(principal)
        print(table(name, evaluate(principal, connect, cases()), held_out=held_out))


def _models() -> Iterator[tuple[str, Callable[[Principal], Model]]]:
    yield "offline composer", OfflineComposer
    if is_model_connected():
        yield "connected model", model_for


def _owner(owner_url: str, slug: str) -> Principal:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        tenant_id = owner.execute(_TENANT, [slug, "Acme"]).fetchone()[0]
    person = User.objects.create_user(f"owner@{slug}.example", None, display_name="Ada")
    with tenant_scope(tenant_id):
        Membership.objects.create(user=person, role="owner")
    return Principal("user", person.pk, "Ada", tenant_id, ROLE_SCOPES["owner"], "owner")
