"""Answers by idempotency key (RUN-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from decommerce.idempotency.errors import BadIdempotencyKey, IdempotencyKeyReused
from decommerce.idempotency.models import KeptAnswer
from decommerce.idempotency.service import CLEARED_AT_ONCE, KEPT, Answer, Write, answer_of, keep_answer, write_of
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal

pytestmark = pytest.mark.requirement("RUN-05")


def write(principal: Principal, key: str = "k1", operation: str = "POST /things", says: str = "{}") -> Write:
    return write_of(principal, operation, key, says)


def kept(first: Write, answer: Answer) -> None:
    assert answer_of(first) is None
    keep_answer(first, answer)


def test_an_answer_is_given_again_as_it_was(tenant, principal):
    answer = Answer('{"price":1.10}', 201, {"ETag": '"1"'})
    with tenant_scope(tenant.pk):
        kept(write(principal), answer)
    with tenant_scope(tenant.pk):
        assert answer_of(write(principal)) == answer


def test_a_key_in_quotes_is_the_same_key(principal):
    assert write(principal, '"k1"') == write(principal, "k1")


@pytest.mark.parametrize("key", ["", '""', "a b", "ä", "x" * 256, "a\nb", "\x00"])
def test_a_key_that_is_no_short_visible_text_is_refused(principal, key):
    with pytest.raises(BadIdempotencyKey):
        write(principal, key)


def test_the_same_key_for_something_else_is_refused(tenant, principal):
    with tenant_scope(tenant.pk):
        kept(write(principal), Answer("{}"))
        with pytest.raises(IdempotencyKeyReused):
            answer_of(write(principal, says='{"other":1}'))


def test_a_key_counts_for_one_tenant_one_principal_and_one_operation(tenant, other_tenant, principal):
    with tenant_scope(tenant.pk):
        kept(write(principal), Answer("{}"))
        someone = Principal("api_key", 7, "Key", tenant.pk, frozenset())
        assert answer_of(write(someone)) is None
        assert answer_of(write(principal, operation="POST /others")) is None
    with tenant_scope(other_tenant.pk):
        assert answer_of(write(principal)) is None
        assert not KeptAnswer.objects.exists()


def test_a_write_that_was_rolled_back_leaves_its_key_free(tenant, principal):
    with tenant_scope(tenant.pk):
        kept(write(principal), Answer("{}"))
        transaction.set_rollback(True)
    with tenant_scope(tenant.pk):
        assert answer_of(write(principal)) is None


def test_answers_end_after_a_day_and_are_cleared_away_by_later_ones(tenant, principal):
    with tenant_scope(tenant.pk):
        for number in range(CLEARED_AT_ONCE + 5):
            kept(write(principal, f"old-{number}"), Answer("{}"))
        KeptAnswer.objects.update(answered_at=timezone.now() - KEPT + timedelta(minutes=1))
        assert answer_of(write(principal, "old-0")) is not None
        KeptAnswer.objects.update(answered_at=timezone.now() - KEPT)
        kept(write(principal, "old-0", says="new"), Answer('"new"'))
        assert answer_of(write(principal, "old-0", says="new")) == Answer('"new"')
        assert KeptAnswer.objects.count() == 5


def test_what_is_kept_cannot_be_read_in_the_table(tenant, principal, owner_connection):
    with tenant_scope(tenant.pk):
        kept(write(principal), Answer('{"secret":"dk_swordfish"}'))
    row = owner_connection.execute("SELECT t::text FROM idempotency_keptanswer t WHERE tenant_id = %s", [tenant.pk])
    assert "swordfish" not in row.fetchone()[0]
