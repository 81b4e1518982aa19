"""Entries of the tenant's list and the hosts that they cover."""

from __future__ import annotations

import pytest

from decommerce.outgoing.domains import covering, normalise_pattern
from decommerce.outgoing.errors import OutgoingUrlRefused

pytestmark = pytest.mark.requirement("ACT-02")


@pytest.mark.parametrize(
    ("entries", "host", "covered"),
    [
        (["example.com"], "example.com", "example.com"),
        (["example.com"], "hooks.example.com", None),
        (["*.example.com"], "hooks.example.com", "*.example.com"),
        (["*.example.com"], "a.b.example.com", "*.example.com"),
        (["*.example.com"], "example.com", None),
        (["*.example.com"], "badexample.com", None),
        (["example.com"], "badexample.com", None),
        (["example.com"], "example.com.evil.net", None),
        (["*.example.com", "*.a.example.com", "b.a.example.com"], "b.a.example.com", "b.a.example.com"),
        (["*.example.com", "*.a.example.com"], "b.a.example.com", "*.a.example.com"),
        ([], "example.com", None),
    ],
)
def test_an_entry_covers_itself_and_a_wildcard_what_is_under_it(entries, host, covered):
    assert covering(entries, host) == covered


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Example.COM", "example.com"),
        (" example.com. ", "example.com"),
        ("*.Bücher.example", "*.xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
    ],
)
def test_an_entry_has_one_spelling(written, normal):
    assert normalise_pattern(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "*.",
        "*.com",
        "com",
        "localhost",
        "*.*.example.com",
        "a*.example.com",
        "127.0.0.1",
        "*.0.0.1",
        "[::1]",
        "https://example.com",
        "example.com/path",
        "example.com:443",
        "user@example.com",
        "exa mple.com",
        "a..example.com",
    ],
)
def test_what_is_no_entry_is_refused(written):
    with pytest.raises(OutgoingUrlRefused):
        normalise_pattern(written)
