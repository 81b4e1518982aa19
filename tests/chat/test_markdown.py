"""A model's text is as hostile as any member's (CHT-10)."""

from __future__ import annotations

import pytest

from chat.markdown import to_html

pytestmark = pytest.mark.requirement("CHT-10")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe src=https://evil.example></iframe>",
        "<a href='javascript:alert(1)'>x</a>",
        "<div style='position:fixed'>x</div>",
        "<form action=https://evil.example><input></form>",
        "`<script>`",
    ],
)
def test_html_is_shown_as_text(hostile):
    html = to_html(hostile)
    for tag in ("<script", "<img", "<svg", "<iframe", "<div", "<form", "<input", "<a "):
        assert tag not in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "&#106;avascript:alert(1)",
        "mailto:a@b.c",
    ],
)
def test_links_lead_to_the_web_only(target):
    assert "href" not in to_html(f"[press me]({target})")


def test_a_link_that_leads_away_says_where():
    assert to_html("[your bank](https://evil.example/login)") == (
        '<p><a href="https://evil.example/login" rel="noopener noreferrer nofollow">your bank</a> (evil.example)</p>\n'
    )


def test_a_link_without_a_scheme_that_leads_away_says_where():
    assert "(evil.example)" in to_html("[your bank](//evil.example/login)")


@pytest.mark.parametrize(
    "target",
    [
        "///evil.example/x",
        "////evil.example",
        "http:evil.example",
        "https:/evil.example",
        "HTTPS:///evil.example",
        "&#47;&#47;&#47;evil.example",
        "https://ours.example@evil.example/",
        "//ours.example:x@evil.example",
    ],
)
def test_a_link_cannot_hide_where_a_browser_would_go(target):
    assert " (evil.example)" in to_html(f"[Your invoice]({target})")


def test_a_link_to_a_page_of_ours_stays_as_it_is():
    assert to_html("[the app](/apps/7/)").startswith('<p><a href="/apps/7/"')


def test_images_are_never_loaded():
    assert "<img" not in to_html("![](https://evil.example/?secret=1) ![x][1]\n\n[1]: https://evil.example/b.png")


def test_headings_begin_below_those_of_the_page():
    assert to_html("# One\n## Two") == "<h3>One</h3>\n<h4>Two</h4>\n"


def test_what_people_need_is_kept():
    html = to_html("**bold** `code`\n\n- one\n- two\n\n| a |\n|---|\n| 1 |")
    for part in ("<strong>bold</strong>", "<code>code</code>", "<li>one</li>", "<td>1</td>"):
        assert part in html
