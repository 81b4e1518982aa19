"""Remembering."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.state_update import StateUpdate, StateUpdateParams
from apps_engine.store.models import AppState

pytestmark = [pytest.mark.requirement("ACT-06"), pytest.mark.requirement("RUN-09")]


@pytest.fixture
def acting(tenant, acting, owner_connection):
    """There is no app of that number: the reference is not checked before a commit, which these tests undo."""
    yield
    AppState.objects.all().delete()


def test_keys_are_set_and_the_others_stay(acting, perform):
    assert perform(StateUpdate(), {"data": {"a": 1, "b": {"x": 1}}}) == [{"state": {"a": 1, "b": {"x": 1}}}]
    assert perform(StateUpdate(), {"data": {"b": None}}) == [{"state": {"b": None}}]
    assert AppState.objects.get().data == {"a": 1, "b": None}


def test_of_a_batch_the_last_change_of_a_key_stays_with_one_statement(acting, perform, queries_of):
    changes = [{"data": {"n": number, f"k{number}": True}} for number in range(20)]
    assert queries_of(lambda: perform(StateUpdate(), *changes)) == 1
    assert AppState.objects.get().data["n"] == 19
    assert len(AppState.objects.get().data) == 21


@pytest.mark.requirement("SEC-01")
def test_another_tenant_has_a_state_of_its_own(acting, perform, other_tenant, context):
    perform(StateUpdate(), {"data": {"a": 1}})
    assert AppState.objects.get().tenant_id == context.tenant_id


@pytest.mark.parametrize("params", [{}, {"data": [1]}, {"data": {}, "more": 1}])
def test_only_an_object_of_keys_can_be_remembered(params):
    with pytest.raises(ValidationError):
        StateUpdateParams.model_validate(params)
