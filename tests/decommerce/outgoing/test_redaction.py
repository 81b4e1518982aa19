"""What of a call may be written down."""

from __future__ import annotations

import pytest

from decommerce.outgoing.redaction import redact_headers, redact_path

pytestmark = pytest.mark.requirement("ACT-02")


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/", "/"),
        ("/orders/12/lines", "/orders/12/lines"),
        ("/notification-settings/members", "/notification-settings/members"),
        ("/api/webhooks/1112223334445556/aBcDeFgHiJkLmNoPq-rS_tUv", "/api/webhooks/[redacted]/[redacted]"),
        ("/t/0123456789abcdef", "/t/[redacted]"),
        ("/t/0123456789abcde", "/t/0123456789abcde"),
    ],
)
def test_a_part_of_a_path_that_looks_like_a_token_is_masked(path, written):
    assert redact_path(path) == written


@pytest.mark.parametrize("name", ["Authorization", "Set-Cookie", "X-Api-Key", "Webhook-Signature", "X-Unheard-Of"])
def test_only_headers_of_the_list_are_shown(name):
    assert redact_headers({name: "secret", "Content-Type": "text/plain"}) == {
        name.lower(): "[redacted]",
        "content-type": "text/plain",
    }


def test_what_a_receiver_writes_in_a_header_cannot_break_the_log():
    assert redact_headers({"Server": "a\x00b\x1b[31m" + "c" * 500, "X\x00": "d"}) == {
        "server": "a?b?[31m" + "c" * 192,
        "x?": "[redacted]",
    }
