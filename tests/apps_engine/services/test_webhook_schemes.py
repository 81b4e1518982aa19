"""Signatures of other systems, by the examples of their own documentation (TRG-06)."""

from __future__ import annotations

import pytest

from apps_engine.services.webhook_schemes import SCHEMES, WebhookSecretRefused, WebhookStale, WebhookUnsigned

pytestmark = pytest.mark.requirement("TRG-06")

# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries, "Testing the webhook payload
# validation".
GITHUB_SECRET = "It's a Secret to Everybody"
GITHUB_BODY = b"Hello, World!"
GITHUB_HEADERS = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}

# The test vector that the libraries of Standard Webhooks share.
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_BODY = b'{"test": 2432232314}'
STANDARD_TIME = 1614265330
STANDARD_HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(STANDARD_TIME),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def standard(now=STANDARD_TIME, body=STANDARD_BODY, secrets=(STANDARD_SECRET,), **changed):
    return SCHEMES["standard_webhooks"].verify(secrets, {**STANDARD_HEADERS, **changed}, body, now)


def test_the_example_of_github_is_believed_and_nothing_near_it():
    verify = SCHEMES["hmac_sha256"].verify
    assert verify([GITHUB_SECRET], GITHUB_HEADERS, GITHUB_BODY, 0).startswith("sha256:")
    assert verify(["another", GITHUB_SECRET], GITHUB_HEADERS, GITHUB_BODY, 0)
    upper = {"x-hub-signature-256": GITHUB_HEADERS["x-hub-signature-256"].upper()}
    for headers, body in ((GITHUB_HEADERS, b"Hello, World?"), ({}, GITHUB_BODY), (upper, GITHUB_BODY)):
        with pytest.raises(WebhookUnsigned):
            verify([GITHUB_SECRET], headers, body, 0)


def test_the_example_of_standard_webhooks_is_believed_and_nothing_near_it():
    assert standard() == "id:msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert standard(secrets=("whsec_" + "A" * 32, STANDARD_SECRET))
    rotating = f"v1,AAAA v2,x {STANDARD_HEADERS['webhook-signature']}"
    assert standard(**{"webhook-signature": rotating})
    for changed in (
        {"webhook-id": "msg_another"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(STANDARD_TIME + 1)},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-timestamp": "1e9"},
        {"webhook-signature": STANDARD_HEADERS["webhook-signature"].replace("v1", "v2")},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": ""},
    ):
        with pytest.raises(WebhookUnsigned):
            standard(**changed)
    with pytest.raises(WebhookUnsigned):
        standard(body=STANDARD_BODY + b" ")


@pytest.mark.parametrize("away", [-300, 0, 300])
def test_a_call_within_five_minutes_is_believed(away):
    assert standard(now=STANDARD_TIME + away)


@pytest.mark.parametrize("away", [-301, 301])
def test_a_call_from_another_time_is_a_recording(away):
    with pytest.raises(WebhookStale):
        standard(now=STANDARD_TIME + away)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_new_secret_is_good_and_no_two_are_the_same(scheme):
    made = SCHEMES[scheme].new_secret()
    SCHEMES[scheme].check_secret(made)
    assert made != SCHEMES[scheme].new_secret()


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        ("hmac_sha256", "short"),
        ("hmac_sha256", "x" * 201),
        ("shopify", "with a line\nbreak in it"),
        ("standard_webhooks", "a plain text of some length"),
        ("standard_webhooks", "whsec_" + "A" * 16),
        ("standard_webhooks", "whsec_" + "A" * 88),
        ("standard_webhooks", "whsec_no base64 at all, as one sees"),
    ],
)
def test_a_secret_that_is_none_is_refused(scheme, secret):
    with pytest.raises(WebhookSecretRefused):
        SCHEMES[scheme].check_secret(secret)
