"""Which browsers belong to whom."""

from __future__ import annotations

import pytest
from django.db import connection

from decommerce.push.errors import SubscriptionInvalid
from decommerce.push.models import PushSubscription
from decommerce.push.subscriptions import MAX_DEVICES, devices_of, members_with_device, subscribe, unsubscribe
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member
from tests.decommerce.push.browser import Browser

pytestmark = pytest.mark.requirement("ACT-01")

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abcdefghijklmnop"


def test_a_browser_is_noted_once_and_forgotten_on_demand(scope, member):
    first, second = Browser(), Browser()
    subscribe(member.pk, ENDPOINT, **first.keys())
    subscribe(member.pk, ENDPOINT, **second.keys())
    [device] = devices_of(member.pk)
    assert (device.endpoint, device.p256dh, device.auth) == (ENDPOINT, *second.keys().values())
    assert members_with_device([member.pk, 10**9]) == {member.pk}
    assert unsubscribe(member.pk, ENDPOINT)
    assert not unsubscribe(member.pk, ENDPOINT)
    assert devices_of(member.pk) == []


def test_a_browser_that_somebody_else_signs_in_with_is_theirs(scope, member):
    other = a_member(2)
    subscribe(member.pk, ENDPOINT, **Browser().keys())
    subscribe(other.pk, ENDPOINT, **Browser().keys())
    assert devices_of(member.pk) == []
    assert len(devices_of(other.pk)) == 1
    assert not unsubscribe(member.pk, ENDPOINT), "it is not theirs to end"


def test_the_oldest_browser_makes_room(scope, member):
    for number in range(MAX_DEVICES + 2):
        subscribe(member.pk, f"{ENDPOINT}/{number}", **Browser().keys())
    assert [device.endpoint for device in devices_of(member.pk)] == [
        f"{ENDPOINT}/{number}" for number in reversed(range(2, MAX_DEVICES + 2))
    ]
    assert PushSubscription.objects.count() == MAX_DEVICES


@pytest.mark.requirement("SEC-07")
def test_what_reaches_a_browser_is_encrypted_at_rest(scope, member):
    browser = Browser()
    subscribe(member.pk, ENDPOINT, **browser.keys())
    with connection.cursor() as cursor:
        cursor.execute("SELECT endpoint, auth FROM push_pushsubscription")
        [stored] = cursor.fetchall()
    assert "googleapis" not in stored[0]
    assert browser.keys()["auth"] not in stored[1]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_browser_is_not_seen_and_may_be_the_same(tenant, other_tenant, member):
    with tenant_scope(other_tenant.pk):
        theirs = a_member()
        subscribe(theirs.pk, ENDPOINT, **Browser().keys())
    with tenant_scope(tenant.pk):
        assert members_with_device([theirs.pk]) == set()
        assert devices_of(theirs.pk) == []
        assert not unsubscribe(theirs.pk, ENDPOINT)
        subscribe(member.pk, ENDPOINT, **Browser().keys())
    with tenant_scope(other_tenant.pk):
        assert [device.member_id for device in PushSubscription.objects.all()] == [theirs.pk]


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "fcm.googleapis.com/fcm/send/a",
        "http://fcm.googleapis.com/fcm/send/a",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com.evil.example/a",
        "https://evilfcm.googleapis.com/a",
        "https://fcm.googleapis.com@evil.example/a",
        "https://127.0.0.1/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://localhost/a",
        "https://fcm.googleapis.com:8443/a",
        "https://push.apple.com/a",
        "https://fcm.googleapis.com/" + "a" * 2_048,
    ],
)
def test_only_the_push_services_of_the_operators_list_are_believed(scope, member, endpoint):
    with pytest.raises(SubscriptionInvalid) as refused:
        subscribe(member.pk, endpoint, **Browser().keys())
    assert refused.value.code == "push_subscription_invalid"
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QAAA",
        "https://db5p.notify.windows.com/w/?token=BQYA",
    ],
)
def test_every_browsers_own_service_is_on_the_list(scope, member, endpoint):
    assert subscribe(member.pk, endpoint, **Browser().keys()).endpoint == endpoint


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": ""},
        {"p256dh": "!"},
        {"p256dh": "BP4z"},
        {"p256dh": "A" * 87},
        {"auth": ""},
        {"auth": "A" * 21},
        {"auth": "A" * 24},
        {"auth": "ä"},
    ],
)
def test_keys_that_are_none_are_refused(scope, member, keys):
    with pytest.raises(SubscriptionInvalid):
        subscribe(member.pk, ENDPOINT, **{**Browser().keys(), **keys})
