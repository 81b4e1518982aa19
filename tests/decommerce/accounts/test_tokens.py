"""Renewing tokens: by one process at a time, and encrypted at rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from decommerce.accounts.connections import disconnect
from decommerce.accounts.errors import OAuthNotConnected, OAuthRevoked
from decommerce.accounts.models import ConnectedAccount
from decommerce.accounts.tokens import RENEWED_BEFORE, access_token
from decommerce.outgoing.errors import OutgoingTimeout
from decommerce.outgoing.json_api import JsonApi
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from tests.wire_server import SILENCE

pytestmark = pytest.mark.requirement("PIP-05")

AT_ONCE = 6


def many_at_once(deed):
    """What `deed` returns or raises in several threads that begin together."""
    together = Barrier(AT_ONCE)

    def run(_):
        together.wait()
        try:
            return deed()
        except OAuthRevoked as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_a_fresh_token_is_used_as_it_is(google, api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail", seconds=RENEWED_BEFORE.total_seconds() + 30)
    assert access_token(api, ann.pk, "gmail").text == account.access_token
    assert google.asked == []


def test_many_runs_that_find_an_expired_token_renew_it_once(google, api, connect, tenant, ann):
    connect(tenant, ann, "gmail", seconds=-1)
    tokens = many_at_once(lambda: access_token(api, ann.pk, "gmail").text)
    assert google.identity.refreshes == 1
    assert len(set(tokens)) == 1
    assert google.identity.holder(tokens[0]) is not None


def test_many_runs_whose_token_google_refuses_renew_it_once(google, api, connect, tenant, ann):
    connect(tenant, ann, "gmail")
    stale = access_token(api, ann.pk, "gmail")
    tokens = many_at_once(lambda: access_token(api, ann.pk, "gmail", refused=stale).text)
    assert google.identity.refreshes == 1
    assert set(tokens) != {stale.text}


def test_many_runs_learn_at_once_that_the_permission_is_over(google, api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail", seconds=-1)
    account.permission.revoked = True
    errors = many_at_once(lambda: access_token(api, ann.pk, "gmail"))
    assert {type(error) for error in errors} == {OAuthRevoked}
    assert google.identity.refreshes == 1


def test_who_waits_too_long_for_another_run_tries_later(google, api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail", seconds=-1)
    impatient = JsonApi(tenant.pk, api.urls, 0.3)
    with tenant_scope(tenant.pk), ThreadPoolExecutor(1) as pool:
        ConnectedAccount.objects.select_for_update().get(pk=account.pk)
        error = pool.submit(failure_of, impatient, ann).result()
    assert isinstance(error, OutgoingTimeout)
    assert error.retryable
    assert google.asked == []


def failure_of(api, person) -> Exception | None:
    """The error of asking for a token."""
    try:
        access_token(api, person.pk, "gmail")
    except OutgoingTimeout as error:
        return error
    finally:
        connections.close_all()
    return None


def test_a_silent_sign_in_ends_with_the_time_of_the_call(google, api, connect, tenant, ann):
    connect(tenant, ann, "gmail", seconds=-1)
    google.script["/token"] = [SILENCE]
    with pytest.raises(OutgoingTimeout) as late:
        access_token(JsonApi(tenant.pk, api.urls, 0.3), ann.pk, "gmail")
    assert late.value.retryable


def test_a_new_refresh_token_replaces_the_old_one(google, api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail", seconds=-1)
    google.identity.rotate = True
    access_token(api, ann.pk, "gmail")
    with tenant_scope(tenant.pk):
        account.refresh_from_db()
    assert account.refresh_token == account.permission.refresh


def test_use_is_noted_now_and_then(api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail", used_at=timezone.now() - timedelta(hours=1))
    access_token(api, ann.pk, "gmail")
    with tenant_scope(tenant.pk):
        account.refresh_from_db()
    noted = account.used_at
    assert noted > timezone.now() - timedelta(minutes=1)
    access_token(api, ann.pk, "gmail")
    with tenant_scope(tenant.pk):
        account.refresh_from_db()
    assert account.used_at == noted


def test_a_disconnected_account_is_gone_for_runs_that_go_on(api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail")
    stale = access_token(api, ann.pk, "gmail")
    with tenant_scope(tenant.pk):
        disconnect(principal_of(ann, tenant.pk), account.pk)
    with pytest.raises(OAuthNotConnected):
        access_token(api, ann.pk, "gmail", refused=stale)


@pytest.mark.requirement("SEC-07")
def test_tokens_are_encrypted_at_rest(google, api, connect, tenant, ann, owner_connection):
    account = connect(tenant, ann, "gmail", seconds=-1)
    token = access_token(api, ann.pk, "gmail")
    [row] = owner_connection.execute(
        "SELECT access_token, refresh_token, accounts_connectedaccount::text FROM accounts_connectedaccount "
        "WHERE tenant_id = %s",
        [tenant.pk],
    ).fetchall()
    for secret in (token.text, account.refresh_token, "ya29.", "1//0"):
        assert secret not in str(row)
    assert row[0].startswith("gAAAAA")
    assert row[1].startswith("gAAAAA")


@pytest.mark.requirement("SEC-07")
def test_a_token_is_in_no_representation(api, connect, tenant, ann):
    account = connect(tenant, ann, "gmail")
    token = access_token(api, ann.pk, "gmail")
    assert token.text not in repr(token)
    assert account.access_token not in repr(account)
    assert account.access_token not in str(account)


@pytest.mark.requirement("SEC-07")
def test_the_key_can_be_rotated(api, connect, tenant, ann, settings):
    account = connect(tenant, ann, "gmail")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the tests"
    assert access_token(api, ann.pk, "gmail").text == account.access_token


@pytest.mark.requirement("SEC-01")
def test_another_tenant_sees_no_account(connect, tenant, other_tenant, ann):
    account = connect(tenant, ann, "gmail")
    with tenant_scope(other_tenant.pk):
        assert not ConnectedAccount.objects.exists()
        assert ConnectedAccount.objects.filter(pk=account.pk).update(state="revoked") == 0
