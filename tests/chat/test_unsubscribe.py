"""The link at the foot of an e-mail (RFC 8058)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from decommerce.community.models import Member
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.community.services.notifications import set_preference
from decommerce.community.services.unsubscribing import Reader, unsubscribe_url
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member

pytestmark = pytest.mark.requirement("ACT-01")


@pytest.fixture
def member(tenant) -> Member:
    """A member with an address."""
    with tenant_scope(tenant.pk):
        return a_member(email="ada@example.com")


@pytest.fixture
def link(tenant, member) -> str:
    """The path of the member's link."""
    return urlsplit(unsubscribe_url(Reader(tenant.pk, member.pk))).path


@pytest.fixture
def written(tenant, member):
    """What becomes of an e-mail to the member now, about a topic."""

    def write(key: str, topic: str = "") -> str:
        with tenant_scope(tenant.pk):
            return queue_messages([NewMessage(key, "Hello", member_id=member.pk, topic=topic)])[0].outcome

    return write


def test_looking_changes_nothing_and_posting_stops_every_topic(client, link, written, tenant, member):
    with tenant_scope(tenant.pk):
        set_preference(member.pk, "email", True, "digest")
    page = client.get(link)
    assert page.status_code == 200
    assert "Acme writes to ada@example.com" in page.content.decode()
    assert written("before") == "queued"
    assert "E-mails are off" in client.post(link, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert [written("after"), written("topic", "digest")] == ["suppressed", "suppressed"]
    client.post(link, {"wanted": "1"})
    assert written("again") == "queued"


@pytest.mark.requirement("SEC-01")
def test_it_works_for_whoever_is_signed_in_elsewhere_and_only_for_its_member(
    signed_in, make_person, other_tenant, link, written, tenant
):
    rival = make_person(other_tenant, "owner")
    assert signed_in(rival, csrf=True).post(link).status_code == 200
    assert written("after") == "suppressed"
    with tenant_scope(tenant.pk):
        other = a_member(2)
        assert queue_messages([NewMessage("other", "Hello", member_id=other.pk)])[0].outcome == "queued"


@pytest.mark.parametrize("change", [lambda link: link[:-3] + "/", lambda link: link.replace(":", "x:", 1)])
def test_a_link_that_we_did_not_write_is_refused(client, link, written, change):
    assert client.post(change(link)).status_code == 404
    assert client.post("/unsubscribe/WzEsMV0:1:x/").status_code == 404
    assert written("after") == "queued"


def test_a_member_who_is_gone_is_told_so(client, link, tenant, member):
    with tenant_scope(tenant.pk):
        member.delete()
    answer = client.get(link)
    assert answer.status_code == 404
    assert "no longer a member" in answer.content.decode()


@pytest.fixture
def topic_link(tenant, member) -> str:
    """The path of the link in an e-mail about a topic."""
    return urlsplit(unsubscribe_url(Reader(tenant.pk, member.pk, "digest"))).path


def test_the_link_of_a_topic_stops_that_topic_and_all_is_the_second_choice(client, topic_link, written):
    assert "Stop e-mails about “digest”?" in client.get(topic_link).content.decode()
    page = client.post(topic_link, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert "No more e-mails about “digest”" in page
    assert [written("other", "news"), written("none")] == ["queued", "queued"]
    assert written("digest", "digest") == "suppressed"
    assert "E-mails are off" in client.post(topic_link, {"all": "1"}).content.decode()
    assert [written("other 2", "news"), written("none 2")] == ["suppressed", "suppressed"]
    client.post(topic_link, {"wanted": "1"})
    assert [written("digest 3", "digest"), written("none 3")] == ["queued", "suppressed"]
    client.post(topic_link, {"all": "1", "wanted": "1"})
    assert written("none 4") == "queued"
