"""Messages that only one browser can read (RFC 8291), and tokens that say who sends them (RFC 8292)."""

from __future__ import annotations

import json
import time

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from decommerce.push.base64url import decoded, encoded
from decommerce.push.encryption import CURVE, MAX_PAYLOAD, encrypt
from decommerce.push.errors import PushNotSetUp
from decommerce.push.payload import payload
from decommerce.push.vapid import authorization, public_key
from tests.decommerce.push.browser import Browser

pytestmark = pytest.mark.requirement("ACT-01")


def test_the_example_of_the_standard_comes_out_byte_for_byte():
    """RFC 8291, section 5 and appendix A."""
    message = encrypt(
        b"When I grow up, I want to be a watermelon",
        decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
        key=ec.derive_private_key(int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), CURVE),
    )
    assert encoded(message) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBr"
        "u3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("length", [0, 1, MAX_PAYLOAD])
def test_the_browser_reads_what_was_sent_and_nobody_else_does(length):
    browser, other = Browser(), Browser()
    sent = b"x" * length
    message = encrypt(sent, browser.point, browser.secret)
    assert len(message) <= 4096
    assert browser.read(message) == sent
    with pytest.raises(InvalidTag):
        other.read(message)
    assert encrypt(sent, browser.point, browser.secret) != message


def test_a_payload_one_byte_too_long_is_refused():
    browser = Browser()
    with pytest.raises(ValueError, match="3993"):
        encrypt(b"x" * (MAX_PAYLOAD + 1), browser.point, browser.secret)


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 10_000, "ü" * 10_000, "\x01" * 10_000, "💧" * 10_000, '"\\' * 5_000]
)
def test_a_long_text_is_cut_so_that_the_payload_fits(text):
    shown = payload("t" * 200, text, "/posts/4", "tag")
    assert len(shown) <= MAX_PAYLOAD
    read = json.loads(shown)
    assert (read["title"], read["link"], read["tag"]) == ("t" * 200, "/posts/4", "tag")
    assert text.startswith(read["body"].removesuffix("…"))
    if len(read["body"]) < len(text):
        assert read["body"].endswith("…")
        assert len(shown) > MAX_PAYLOAD - 16, "no more is cut than must be"


def test_a_link_too_long_is_left_out_and_the_rest_still_fits():
    shown = payload("\x01" * 200, "x" * 10_000, "/" + "\x01" * 499, "tag")
    assert len(shown) <= MAX_PAYLOAD
    assert json.loads(shown)["link"] == ""


def test_the_token_is_signed_with_the_key_that_browsers_subscribe_with(settings):
    settings.VAPID_PRIVATE_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    settings.DEFAULT_FROM_EMAIL = "Acme <team@acme.example>"
    scheme, _, rest = authorization("https://push.example").partition(" ")
    token, key = rest.removeprefix("t=").split(", k=")
    assert (scheme, key) == ("vapid", public_key())
    head, claims, signature = token.split(".")
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    said = json.loads(decoded(claims))
    assert (said["aud"], said["sub"]) == ("https://push.example", "mailto:team@acme.example")
    assert 0 < said["exp"] - time.time() <= 24 * 3600
    point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(key))
    numbers = decoded(signature)
    pair = encode_dss_signature(int.from_bytes(numbers[:32]), int.from_bytes(numbers[32:]))
    point.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        point.verify(pair, f"{head}.e30".encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize("key", ["", "no key", encoded(b"\x00" * 32), encoded(b"\xff" * 32)])
def test_without_a_good_key_there_is_no_push(settings, key):
    settings.VAPID_PRIVATE_KEY = key
    with pytest.raises(PushNotSetUp) as refused:
        authorization("https://push.example")
    assert refused.value.code == "push_not_set_up"


def test_without_a_key_no_browser_can_subscribe(settings):
    settings.VAPID_PRIVATE_KEY = ""
    assert public_key() == ""
