"""The one URL parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decommerce.outgoing.errors import OutgoingUrlRefused
from decommerce.outgoing.urls import MAX_URL, parse_url

pytestmark = pytest.mark.requirement("SEC-02")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://example.com", "https://example.com/"),
        ("HTTPS://EXAMPLE.com./a?b=c#d", "https://example.com/a?b=c"),
        ("https://example.com:443/", "https://example.com/"),
        ("https://example.com:/", "https://example.com/"),
        ("https://example.com?q=1", "https://example.com/?q=1"),
        ("https://bücher.example/straße?q=ü", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC"),
        ("https://example.com/a%20b?c=%41", "https://example.com/a%20b?c=%41"),
        ("https://example.com/#@evil.example", "https://example.com/"),
        ("https://example.com?@evil.example", "https://example.com/?@evil.example"),
        ("https://ｅｘａｍｐｌｅ。com/", "https://example.com/"),
    ],
)
def test_a_url_has_one_spelling(written, normal):
    assert parse_url(written, {443}).text == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.com",
        "//example.com/",
        "http://example.com/",
        "ftp://example.com/",
        "javascript://example.com/",
        "https:/example.com",
        "https:example.com",
        "https://",
        "https:///path",
        "https://:443/",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com@evil.example/",
        "https://example.com:80/",
        "https://example.com:8443/",
        "https://example.com:99999/",
        "https://example.com:443443/",
        "https://example.com:+443/",
        "https://example.com:４４３/",
        "https://example.com:443:443/",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0X7F.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://1.2.3.0x/",
        "https://１２７.０.０.１/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://example.256/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[example.com]/",
        "https://::1/",
        "https://exam ple.com/",
        "https://example.com/a b",
        " https://example.com/",
        "https://example.com/\n",
        "https://example.com/\r\nHost: evil.example",
        "https://example.com/\t",
        "https://example.com/\x00",
        "https://example.com/\x7f",
        "https://example.com\\@evil.example/",
        "https:\\\\example.com/",
        "https://example.com/\\evil",
        "https://exa\u200bmple.com/",
        "https://example.com/\u200b",
        "https://example.com/\u2028",
        "https://example.com/\ud800",
        "https://%65xample.com/",
        "https://example.com%00.evil.example/",
        "https://a..example.com/",
        "https://.example.com/",
        "https://-a.example.com/",
        "https://a_b.example.com/",
        "https://example.com℀evil.example/",
        "https://example.com／evil.example/",
        "https://example.com＃evil.example/",
        "https://example.com＠evil.example/",
        f"https://{'a' * 64}.example/",
        f"https://{'.'.join(['a' * 50] * 6)}/",
    ],
)
def test_everything_but_a_plain_https_url_of_a_named_host_is_refused(written):
    with pytest.raises(OutgoingUrlRefused) as refused:
        parse_url(written, {443})
    assert refused.value.code == "outgoing_url_refused"
    assert refused.value.hint


def test_a_port_is_allowed_by_setting():
    assert parse_url("https://example.com:8443/", {443, 8443}).authority == "example.com:8443"


def test_a_url_may_be_2048_characters_long_and_no_longer():
    longest = "https://example.com/".ljust(MAX_URL, "a")
    assert parse_url(longest, {443}).text == longest
    with pytest.raises(OutgoingUrlRefused):
        parse_url(longest + "a", {443})


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_written_the_result_is_one_spelling_of_a_plain_ascii_url(host, path):
    try:
        url = parse_url(f"https://{host}/{path}", {443})
    except OutgoingUrlRefused:
        return
    assert url.text.isascii()
    assert url.text.isprintable()
    assert not set(url.host) & set("@:/?#[]\\% ")
    assert parse_url(url.text, {443}) == url
