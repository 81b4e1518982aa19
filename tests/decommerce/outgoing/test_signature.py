"""Standard Webhooks signatures."""

from __future__ import annotations

import pytest

from decommerce.outgoing.signature import signature_headers

pytestmark = pytest.mark.requirement("ACT-02")

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_signs_as_the_reference_vector_of_the_specification_says():
    assert signature_headers([SECRET], *MESSAGE) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_several_secrets_give_several_signatures_for_a_rotation():
    other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    signatures = signature_headers([other, SECRET], *MESSAGE)["webhook-signature"].split(" ")
    assert len(signatures) == 2
    assert signatures[1] == SIGNATURE
    assert signatures[0] != SIGNATURE


def test_a_secret_that_is_not_base64_is_an_error_and_never_an_empty_key():
    with pytest.raises(ValueError, match="base64|ASCII"):
        signature_headers(["whsec_§§§"], *MESSAGE)
