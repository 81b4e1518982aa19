"""What became of e-mails, and dead addresses, on a page for admins (ACT-01)."""

from __future__ import annotations

from html import unescape

import pytest

from apps_engine.services.mails import tell_of_doubts
from decommerce.community.models import DeadAddress, MessageState, Notification, OutboundMessage
from decommerce.community.services.dead_addresses import DeadEnd, mark_dead
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.community.services.unsubscribing import choose_emails
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.connectors.rows import a_member

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


@pytest.fixture
def doubtful(tenant, make_app, run_to_its_end) -> OutboundMessage:
    """An e-mail of an app's run whose sender was lost."""
    app = make_app("Weekly digest")
    run = run_to_its_end(app)
    with tenant_scope(tenant.pk), caused_by(Cause(app_id=app, execution_id=run)):
        (result,) = queue_messages([NewMessage("1", "Hello", "Your <week>", to_address="eve@example.org")])
        OutboundMessage.objects.filter(pk=result.message_id).update(state=MessageState.UNKNOWN, attempts=3)
        return OutboundMessage.objects.get(pk=result.message_id)


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize(("outcome", "state"), [("arrived", MessageState.SENT), ("again", MessageState.QUEUED)])
def test_an_admin_says_what_became_of_an_e_mail_of_which_nobody_knows(admin, tenant, doubtful, outcome, state):
    assert "1 e-mail</a> arrived" in words(admin.get("/home/"))
    page = words(admin.get("/mail/"))
    for shown in ("eve@example.org", "Your <week>", "Weekly digest</a>", f"run #{doubtful.execution_id}</a>"):
        assert shown in page
    assert "Noted." in words(admin.post(f"/mail/{doubtful.pk}/settle/{outcome}/", follow=True))
    assert "e-mail</a> arrived" not in words(admin.get("/home/"))
    with tenant_scope(tenant.pk):
        settled = OutboundMessage.objects.get(pk=doubtful.pk)
        assert (settled.state, settled.message_id) == (state, doubtful.message_id)
        details = AuditEntry.objects.get(verb="mail.settled").details
    assert (details["outcome"], details["message_id"]) == (outcome, doubtful.message_id)
    assert admin.post(f"/mail/{doubtful.pk}/settle/{outcome}/").status_code == 409
    assert admin.post(f"/mail/{doubtful.pk}/settle/forget/").status_code == 404


@pytest.mark.requirement("RUN-05")
def test_an_e_mail_that_is_no_longer_wanted_is_not_sent_again_and_the_page_says_why(admin, tenant, doubtful):
    with tenant_scope(tenant.pk):
        member = a_member(email="eve@example.org")
        OutboundMessage.objects.filter(pk=doubtful.pk).update(member=member)
        choose_emails(member, wanted=False)
    page = words(admin.post(f"/mail/{doubtful.pk}/settle/again/", follow=True))
    assert "It is not sent again: by now it is not wanted." in page
    assert "The member does not want such e-mails" in page
    assert f"/mail/{doubtful.pk}/settle/" not in page
    with tenant_scope(tenant.pk):
        withheld = OutboundMessage.objects.get(pk=doubtful.pk)
        assert (withheld.state, withheld.last_error) == (MessageState.SUPPRESSED, "declined")
        assert AuditEntry.objects.get(verb="mail.settled").details["state"] == MessageState.SUPPRESSED


def test_what_did_not_arrive_is_listed_with_the_reason(admin, tenant, doubtful):
    with tenant_scope(tenant.pk):
        OutboundMessage.objects.filter(pk=doubtful.pk).update(state=MessageState.BOUNCED, last_error="5.2.2 It is full")
    page = words(admin.get("/mail/"))
    assert "Came back later" in page
    assert "5.2.2 It is full" in page
    assert f"/mail/{doubtful.pk}/settle/" not in page


@pytest.mark.requirement("RUN-05")
def test_admins_hear_of_an_apps_doubtful_e_mails_once_a_day(tenant, admin, admin_user, doubtful):
    with tenant_scope(tenant.pk):
        for _ in range(3):
            tell_of_doubts([doubtful.app_id, None])
        told = Notification.objects.filter(member__membership__user=admin_user, link="/mail/").order_by("title")
        assert list(told.values_list("title", flat=True)) == [
            "Nobody knows whether an e-mail arrived",
            "Nobody knows whether an e-mail of “Weekly digest” arrived",
        ]


@pytest.mark.requirement("SEC-01")
def test_others_neither_see_nor_settle_a_doubtful_e_mail(signed_in, make_person, tenant, other_tenant, doubtful):
    rival = signed_in(make_person(other_tenant, "owner"))
    assert "eve@example.org" not in words(rival.get("/mail/"))
    moderator = signed_in(make_person(tenant, "moderator"))
    assert "e-mail</a> arrived" not in words(moderator.get("/home/"))
    for outcome in ("arrived", "again"):
        assert rival.post(f"/mail/{doubtful.pk}/settle/{outcome}/").status_code == 404
        assert moderator.post(f"/mail/{doubtful.pk}/settle/{outcome}/").status_code == 403
    with tenant_scope(tenant.pk):
        assert OutboundMessage.objects.get(pk=doubtful.pk).state == MessageState.UNKNOWN


@pytest.mark.requirement("SEC-01")
def test_others_see_and_change_nothing_of_it(signed_in, make_person, tenant, other_tenant, dead):
    rival = signed_in(make_person(other_tenant, "owner"))
    assert "ada@example.org" not in words(rival.get("/mail/"))
    assert rival.post(f"/mail/{dead}/revive/").status_code == 404
    moderator = signed_in(make_person(tenant, "moderator"))
    assert moderator.get("/mail/").status_code == moderator.post(f"/mail/{dead}/revive/").status_code == 403
    with tenant_scope(tenant.pk):
        assert DeadAddress.objects.count() == 2
