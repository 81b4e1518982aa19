"""Turning notifications on a device on and off."""

from __future__ import annotations

import pytest

from decommerce.push.models import PushSubscription
from decommerce.push.subscriptions import devices_of, subscribe
from decommerce.push.vapid import public_key
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.push.browser import Browser
from tests.decommerce.push.push_service import KEY

pytestmark = pytest.mark.requirement("ACT-01")

ON, OFF, PAGE = "/notifications/push/", "/notifications/push/off/", "/notifications/"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abcdefghijklmnop"


@pytest.fixture(autouse=True)
def set_up(settings) -> None:
    """The operator has set push up."""
    settings.VAPID_PRIVATE_KEY = KEY


def sending(endpoint: str = ENDPOINT) -> dict[str, str]:
    return {"endpoint": endpoint, **Browser().keys()}


def test_a_person_turns_a_device_on_and_off(admin, admin_user, member_of, tenant):
    member = member_of(admin_user, tenant)
    assert admin.post(ON, sending()).status_code == 204
    with tenant_scope(tenant.pk):
        [device] = devices_of(member.pk)
    page = admin.get(PAGE).content.decode()
    assert f'data-key="{public_key()}"' in page
    assert f'data-known="{device.digest}"' in page
    assert ENDPOINT not in page
    assert admin.post(OFF, {"endpoint": ENDPOINT}).status_code == 204
    assert admin.post(OFF, {"endpoint": ENDPOINT}).status_code == 204, "once more changes nothing"
    with tenant_scope(tenant.pk):
        assert devices_of(member.pk) == []


@pytest.mark.requirement("SEC-02")
def test_an_address_that_is_no_push_service_is_refused_with_words_for_people(admin, tenant):
    answer = admin.post(ON, sending("https://169.254.169.254/latest/meta-data"))
    assert answer.status_code == 400
    assert "push service cannot be used" in answer.json()["message"]
    assert answer.json()["hint"]
    assert admin.post(ON, {}).status_code == 400
    with tenant_scope(tenant.pk):
        assert not PushSubscription.objects.exists()


@pytest.mark.requirement("SEC-01")
def test_nobody_turns_off_what_is_somebody_elses(signed_in, make_person, tenant, other_tenant, member_of):
    mine, rival = make_person(tenant, "member"), make_person(other_tenant, "owner")
    with tenant_scope(tenant.pk):
        subscribe(member_of(mine, tenant).pk, ENDPOINT, **Browser().keys())
    for other in (rival, make_person(tenant, "owner")):
        signed_in(other).post(OFF, {"endpoint": ENDPOINT})
    with tenant_scope(tenant.pk):
        assert PushSubscription.objects.count() == 1


@pytest.mark.requirement("SEC-07")
@pytest.mark.parametrize("address", [ON, OFF])
def test_a_forged_form_and_somebody_signed_out_change_nothing(client, signed_in, admin_user, tenant, address):
    assert signed_in(admin_user, csrf=True).post(address, sending()).status_code == 403
    assert client.post(address, sending()).status_code == 302
    assert client.get(address).status_code == 405
    with tenant_scope(tenant.pk):
        assert not PushSubscription.objects.exists()


def test_without_a_key_the_page_offers_nothing(admin, settings):
    settings.VAPID_PRIVATE_KEY = ""
    page = admin.get(PAGE).content.decode()
    assert "data-push" not in page
    assert "push.js" not in page
