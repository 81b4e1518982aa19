"""The models that are evaluated, one after the other, each in a community of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import psycopg

from chat.composer.offline_composer import OfflineComposer
from chat.model.choice import is_model_connected, model_for
from chat.model.port import Model
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership, User
from decommerce.tenancy.principal import ROLE_SCOPES, Principal
from tests.evaluation.case import cases
from tests.evaluation.report import evaluate, prepare, table
from tests.evaluation.scripted import scripted_model

_TENANT = "INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES (%s, %s, 'UTC', now()) RETURNING id"


def evaluate_all(owner_url: str, *, held_out: bool) -> None:
    """Print the table of each model."""
    for name, connect in _models():
        principal = _owner(owner_url, name.replace(" ", "-"))
        prepare(principal)
        with connect(principal) as model:
            print(table(name, evaluate(principal, lambda _, model=model: model, cases()), held_out=held_out))


def _models() -> Iterator[tuple[str, Callable[[Principal], AbstractContextManager[Model]]]]:
    yield "offline composer", lambda principal: nullcontext(OfflineComposer(principal))
    yield "scripted provider", scripted_model
    if is_model_connected():
        yield "connected model", lambda principal: nullcontext(model_for(principal))


def _owner(owner_url: str, slug: str) -> Principal:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        tenant_id = owner.execute(_TENANT, [slug, "Acme"]).fetchone()[0]
    person = User.objects.create_user(f"owner@{slug}.example", None, display_name="Ada")
    with tenant_scope(tenant_id):
        Membership.objects.create(user=person, role="owner")
    return Principal("user", person.pk, "Ada", tenant_id, ROLE_SCOPES["owner"], "owner")
