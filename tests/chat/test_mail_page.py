"""What became of e-mails, and dead addresses, on a page for admins (ACT-01)."""

from __future__ import annotations

from html import unescape

import pytest

from decommerce.community.models import DeadAddress, MessageState, Notification, OutboundMessage
from decommerce.community.services.dead_addresses import DeadEnd, mark_dead
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("ACT-01")
WORDS = "550 5.1.1 <b>Nobody</b> here"


def words(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def dead(tenant, admin) -> int:
    """An address that a mail server refused; the owner was there to hear of it."""
    with tenant_scope(tenant.pk):
        mark_dead("Ada@example.org", DeadEnd("5.1.1", WORDS))
        mark_dead("bob@example.org", DeadEnd("", "550 Nobody"))
        return DeadAddress.objects.get(address="ada@example.org").pk


def test_an_admin_sees_the_numbers_and_the_servers_words_and_sends_to_an_address_again(admin, tenant, dead):
    with tenant_scope(tenant.pk):
        queue_messages([NewMessage(str(n), "Hello", to_address="eve@example.org") for n in range(3)])
        OutboundMessage.objects.filter(idem_key="0").update(state=MessageState.SENT)
    answer = admin.get("/mail/")
    assert "<b>Nobody</b>" not in answer.content.decode()
    page = words(answer)
    assert WORDS in page
    assert 'Taken by the mail server</td><td data-label="E-mails" class="number">1' in page
    assert 'Waiting to be sent</td><td data-label="E-mails" class="number">2' in page
    page = words(admin.post(f"/mail/{dead}/revive/", follow=True))
    assert "E-mails are sent to that address again." in page
    assert "ada@example.org" not in page


def test_admins_hear_of_dead_addresses_once_a_day(tenant, admin_user, dead):
    with tenant_scope(tenant.pk):
        told = Notification.objects.filter(member__membership__user=admin_user)
        assert list(told.values_list("title", "link")) == [("E-mails to an address come back", "/mail/")]


@pytest.mark.requirement("SEC-01")
def test_others_see_and_change_nothing_of_it(signed_in, make_person, tenant, other_tenant, dead):
    rival = signed_in(make_person(other_tenant, "owner"))
    assert "ada@example.org" not in words(rival.get("/mail/"))
    assert rival.post(f"/mail/{dead}/revive/").status_code == 404
    moderator = signed_in(make_person(tenant, "moderator"))
    assert moderator.get("/mail/").status_code == moderator.post(f"/mail/{dead}/revive/").status_code == 403
    with tenant_scope(tenant.pk):
        assert DeadAddress.objects.count() == 2
