"""Messages over REST: what became of each, and settling an e-mail of which nobody knows (RUN-05)."""

from __future__ import annotations

import pytest

from decommerce.community.models import MessageState, OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.community.services.unsubscribing import choose_emails
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import SCOPES
from tests.apps_engine.api.conftest import Api, key_of
from tests.apps_engine.api.definitions import short_list
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("RUN-05")


@pytest.fixture
def run(api) -> dict:
    """A run that wrote one of the e-mails."""
    app = api.post("apps", {"definition": short_list()}).json()
    return api.post(f"apps/{app['id']}/run").json()


@pytest.fixture
def written(tenant, run) -> dict[str, int]:
    """An e-mail in each state by its state; the unknown one is of the run."""
    numbers = {}
    with tenant_scope(tenant.pk):
        member = a_member(email="ada@example.org")
        for state in MessageState.values:
            new = NewMessage(state, "Hello, dear secret", "Your week", member_id=member.pk)
            cause = Cause(app_id=run["app"]["id"], execution_id=run["id"]) if state == "unknown" else Cause()
            with caused_by(cause):
                (result,) = queue_messages([new])
            OutboundMessage.objects.filter(pk=result.message_id).update(state=state, last_error=f"Why {state}")
            numbers[state] = result.message_id
    return numbers


def listed(api, query: str = "") -> list[int]:
    answer = api.get(f"messages{query}")
    assert answer.status_code == 200, answer.content
    return [message["id"] for message in answer.json()["items"]]


def test_messages_are_listed_newest_first_by_state_app_and_run(api, run, written):
    assert listed(api) == sorted(written.values(), reverse=True)
    assert listed(api, "?state=bounced&state=refused") == sorted((written["bounced"], written["refused"]), reverse=True)
    assert listed(api, f"?app={run['app']['id']}") == listed(api, f"?run={run['id']}") == [written["unknown"]]
    assert listed(api, f"?run={run['id']}&state=sent") == []
    assert api.get("messages?state=lost").status_code == 400
    assert api.get(f"messages?run={10**15}").json()["code"] == "run_not_found"
    assert api.get(f"messages?app={10**15}").json()["code"] == "app_not_found"


def test_a_message_says_whom_it_went_to_what_became_of_it_and_why_and_not_its_text(api, run, written):
    answer = api.get("messages?state=unknown")
    (message,) = answer.json()["items"]
    assert (message["state"], message["reason"], message["channel"]) == ("unknown", "Why unknown", "email")
    assert (message["to"], message["subject"]) == ("ada@example.org", "Your week")
    assert (message["app"], message["run"]) == (run["app"]["id"], run["id"])
    assert message["message_id"].startswith("<")
    assert "dear secret" not in answer.content.decode()


def test_a_long_list_comes_in_pages(api, written):
    pages, cursor = [], ""
    while cursor is not None:
        page = api.get(f"messages?limit=3{cursor and f'&cursor={cursor}'}").json()
        pages.append([message["id"] for message in page["items"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [number for page in pages for number in page] == sorted(written.values(), reverse=True)


@pytest.mark.parametrize(("outcome", "state"), [("arrived", "sent"), ("again", "queued")])
def test_an_unknown_e_mail_is_settled_once_under_a_key(api, tenant, written, outcome, state):
    path, key = f"messages/{written['unknown']}/settle", {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = api.post(path, {"outcome": outcome}, **key)
    assert (first.status_code, first.json()["state"]) == (200, state)
    again = api.post(path, {"outcome": outcome}, **key)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    other = api.post(path, {"outcome": "again" if outcome == "arrived" else "arrived"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    without = api.post(path, {"outcome": outcome})
    assert (without.status_code, without.json()["code"]) == (409, "mail_settled")
    with tenant_scope(tenant.pk):
        assert AuditEntry.objects.filter(verb="mail.settled").count() == 1


def test_one_that_is_no_longer_wanted_is_answered_as_suppressed(api, tenant, written):
    with tenant_scope(tenant.pk):
        choose_emails(OutboundMessage.objects.get(pk=written["unknown"]).member, wanted=False)
    settled = api.post(f"messages/{written['unknown']}/settle", {"outcome": "again"}).json()
    assert (settled["state"], settled["reason"]) == ("suppressed", "declined")


def test_only_one_that_is_unknown_is_settled_and_by_a_known_outcome(api, written):
    for state in set(MessageState.values) - {"unknown"}:
        assert api.post(f"messages/{written[state]}/settle", {"outcome": "arrived"}).json()["code"] == "mail_settled"
    assert api.post(f"messages/{written['unknown']}/settle", {"outcome": "forget"}).status_code == 400
    assert api.post(f"messages/{written['unknown']}/settle", {}).status_code == 400


@pytest.mark.requirement("SEC-04")
def test_whoever_is_no_admin_neither_sees_nor_settles(tenant, written):
    others = Api(key_of(tenant, set(SCOPES) - {"admin"}))
    assert others.get("messages").json()["code"] == "permission_refused"
    refused = others.post(f"messages/{written['unknown']}/settle", {"outcome": "arrived"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_refused")
    with tenant_scope(tenant.pk):
        assert OutboundMessage.objects.get(pk=written["unknown"]).state == "unknown"
