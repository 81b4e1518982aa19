"""HTML becomes the text that people read."""

from __future__ import annotations

import pytest

from decommerce.community.importing.html_text import html_to_text


@pytest.mark.requirement("PIP-01")
@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>a<br>b</p>", "a\nb"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<ul><li>x</li><li>y</li></ul>", "- x\n\n- y"),
        ("<b>unclosed <i>tags", "unclosed tags"),
        ("</script>still here", "still here"),
    ],
)
def test_html_is_read_as_people_read_it(html, text):
    assert html_to_text(html) == text
