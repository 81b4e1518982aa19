"""gmail_search where Google refuses: expiry, revoked, scope, whose account, limits and failures."""

from __future__ import annotations

import pytest

from actions.gmail_search import GmailSearch
from decommerce.accounts.errors import (
    OAuthExpired,
    OAuthNotConfigured,
    OAuthNotConnected,
    OAuthRevoked,
    OAuthScopeMissing,
)
from decommerce.accounts.models import AccountState
from decommerce.community.models import Member
from decommerce.outgoing.errors import OutgoingTimeout
from decommerce.outgoing.json_api import ServiceBusy, ServiceFailed
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership
from tests.actions.asking import asked, refused
from tests.actions.gmail import account, search
from tests.google_server import wire
from tests.google_server.gmail import MESSAGES, Message
from tests.wire_server import SILENCE, Reply

__all__ = ["account", "search"]

pytestmark = pytest.mark.requirement("PIP-05")


def state_of(tenant, account) -> tuple[str, str]:
    with tenant_scope(tenant.pk):
        account.refresh_from_db()
    return account.state, account.last_error


# Expiry and renewal


def test_a_token_about_to_expire_is_renewed_before_the_call(google, connect, tenant, ann, search):
    account = connect(tenant, ann, "gmail", seconds=59)
    search()
    assert google.identity.refreshes == 1
    [listed] = google.asked_at(MESSAGES)
    assert listed.headers["authorization"] != f"Bearer {account.access_token}"
    assert state_of(tenant, account) == (AccountState.ACTIVE, "")
    search()
    assert google.identity.refreshes == 1


def test_a_token_that_google_refuses_is_renewed_once(google, account, search):
    account.permission.access.clear()
    assert search()["empty"]
    assert google.identity.refreshes == 1
    assert [asked.path for asked in google.asked] == [MESSAGES, "/token", MESSAGES]


def test_a_token_that_expires_between_two_calls_is_renewed(google, account, search):
    google.mailbox.messages = [Message("m1", "Subject")]
    google.mailbox.parts["m1"] = [wire.unauthorised()]
    assert search()["count"] == 1
    assert google.identity.refreshes == 1


def test_one_that_is_refused_after_its_renewal_too_is_revoked(google, account, search):
    google.script[MESSAGES] = [wire.unauthorised(), wire.unauthorised()]
    refused(search, OAuthRevoked)
    assert google.identity.refreshes == 1


def test_a_revoked_account_is_marked_and_google_not_asked_again(google, account, search, tenant):
    account.permission.revoked = True
    error = refused(search, OAuthRevoked)
    assert (error.code, error.retryable) == ("oauth_revoked", False)
    assert "/accounts/" in error.hint
    assert state_of(tenant, account) == (AccountState.REVOKED, "oauth_revoked")
    assert (account.access_token, account.refresh_token) == ("", "")
    before = len(google.asked)
    refused(search, OAuthRevoked)
    assert len(google.asked) == before


def test_an_account_without_a_refresh_token_expires(google, connect, tenant, ann, search):
    account = connect(tenant, ann, "gmail", seconds=-1, refresh_token="")
    assert refused(search, OAuthExpired).code == "oauth_expired"
    assert state_of(tenant, account) == (AccountState.EXPIRED, "oauth_expired")
    assert google.asked == []


# Scope


def test_an_account_for_something_else_lacks_the_scope(google, connect, tenant, ann, search):
    connect(tenant, ann, "calendar")
    error = refused(search, OAuthScopeMissing)
    assert (error.code, error.retryable) == ("oauth_scope_missing", False)
    assert google.asked == []


def test_a_scope_taken_back_at_google_is_marked(google, account, search, tenant):
    account.permission.scopes.clear()
    assert refused(search, OAuthScopeMissing).code == "oauth_scope_missing"
    assert state_of(tenant, account) == (AccountState.INSUFFICIENT, "oauth_scope_missing")
    before = len(google.asked)
    refused(search, OAuthScopeMissing)
    assert len(google.asked) == before


def test_a_scope_that_a_renewal_does_not_bring_is_missing(google, connect, tenant, ann, search):
    account = connect(tenant, ann, "gmail", seconds=-1)
    account.permission.scopes[:] = ["openid"]
    refused(search, OAuthScopeMissing)
    assert google.asked_at(MESSAGES) == []


# Whose account


def test_without_an_account_it_says_where_to_connect_one(google, search):
    error = refused(search, OAuthNotConnected)
    assert (error.code, error.hint) == (
        "oauth_not_connected",
        "The person who made the app connects Gmail at /accounts/.",
    )


@pytest.mark.requirement("SEC-01")
def test_nobody_elses_account_is_used(google, connect, tenant, other_tenant, ann, make_colleague, search):
    connect(tenant, make_colleague(tenant), "gmail")
    connect(other_tenant, ann, "gmail")
    refused(search, OAuthNotConnected)
    assert google.asked == []


def test_an_app_that_no_person_made_has_no_account(google, account, context):
    with pytest.raises(OAuthNotConnected):
        asked(GmailSearch(), context, query="x")


@pytest.mark.requirement("SEC-01")
def test_the_account_of_somebody_who_left_the_team_is_not_used(google, account, search, tenant):
    with tenant_scope(tenant.pk):
        Member.objects.filter(membership__user_id=account.user_id).update(membership=None)
        Membership.objects.filter(user_id=account.user_id).delete()
    refused(search, OAuthNotConnected)


def test_accounts_are_told_apart_by_name_or_address(google, connect, tenant, ann, search):
    connect(tenant, ann, "gmail")
    connect(tenant, ann, "gmail", name="work", email="ann@work.example")
    assert search()["account"] == "ann@gmail.example"
    assert search(account="work")["account"] == "ann@work.example"
    assert search(account="ANN@work.example")["account"] == "ann@work.example"
    assert "nobody" in refused(search, OAuthNotConnected, account="nobody").message


def test_the_only_account_needs_no_name(google, connect, tenant, ann, search):
    connect(tenant, ann, "gmail", name="work")
    assert search()["account"] == "ann@gmail.example"


# Limits and failures


@pytest.mark.parametrize(
    ("reply", "retry_after"), [(wire.too_many("17"), 17), (wire.too_many(), None), (wire.over_quota(), None)]
)
def test_too_many_calls_are_tried_later(google, account, search, reply, retry_after):
    google.script[MESSAGES] = [reply]
    error = refused(search, ServiceBusy)
    assert (error.code, error.retryable, error.retry_after) == ("rate_limited", True, retry_after)


def test_too_many_calls_inside_a_batch_too(google, account, search):
    google.mailbox.messages = [Message("m1", "One"), Message("m2", "Two")]
    google.mailbox.parts["m2"] = [wire.too_many()]
    assert refused(search, ServiceBusy).retryable


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_google_is_tried_again(google, account, search, status):
    google.script[MESSAGES] = [wire.failure(status, "backendError", "Backend Error", Retry_After="30")]
    error = refused(search, ServiceFailed)
    assert (error.code, error.retryable, error.sent, error.retry_after) == ("service_failed", True, True, 30)


def test_a_refused_query_is_not_tried_again(google, account, search):
    google.script[MESSAGES] = [wire.failure(400, "invalidArgument", "Invalid query")]
    assert not refused(search, ServiceFailed).retryable


def test_an_api_that_is_switched_off_is_the_operators_to_switch_on(google, account, search):
    google.script[MESSAGES] = [wire.failure(403, "accessNotConfigured", "Gmail API has not been used in project 1")]
    assert refused(search, OAuthNotConfigured).code == "oauth_not_configured"


def test_a_google_that_is_silent_is_a_timeout_that_is_tried_again(google, account, search):
    google.script[MESSAGES] = [SILENCE]
    error = refused(search, OutgoingTimeout, seconds=0.3)
    assert (error.code, error.retryable, error.sent) == ("outgoing_timeout", True, True)


def test_a_failing_sign_in_leaves_the_account_as_it_was(google, connect, tenant, ann, search):
    account = connect(tenant, ann, "gmail", seconds=-1)
    google.script["/token"] = [Reply(503, b"<html>Sorry</html>"), wire.oauth_failure(429, "rate_limit", "Slow")]
    assert refused(search, ServiceFailed).retryable
    assert refused(search, ServiceBusy).retryable
    assert state_of(tenant, account) == (AccountState.ACTIVE, "")
    assert search()["empty"]


def test_a_platform_that_google_refuses_is_the_operators_to_register(google, connect, tenant, ann, search):
    account = connect(tenant, ann, "gmail", seconds=-1)
    google.script["/token"] = [wire.oauth_failure(401, "invalid_client", "Unauthorized")]
    assert refused(search, OAuthNotConfigured).code == "oauth_not_configured"
    assert state_of(tenant, account) == (AccountState.ACTIVE, "")
