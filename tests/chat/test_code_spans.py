"""Code in the platform's sentences is code on the pages and in the chat, and nothing in it is HTML (CHT-10)."""

from __future__ import annotations

import re

import pytest

from apps_engine.services.decisions import Refusal, record_decisions
from apps_engine.store.models import Execution
from chat.composer.words import plain_markdown
from chat.markdown import to_html
from chat.templatetags.chat_tags import code_spans
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("CHT-10")


@pytest.mark.parametrize(
    ("sentence", "html"),
    [
        ("Use `default` before `a + b`.", "Use <code>default</code> before <code>a + b</code>."),
        ("It was `<b>&</b>` <i>", "It was <code>&lt;b&gt;&amp;&lt;/b&gt;</code> &lt;i&gt;"),
        ("`</code><script>alert(1)</script>`", "<code>&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;</code>"),
        ("Cut in the middle of `member.na…", "Cut in the middle of <code>member.na</code>…"),
        ("One ` alone, and ``", "One ` alone, and ``"),
    ],
)
def test_on_a_page(sentence, html):
    assert code_spans(sentence) == html


@pytest.mark.parametrize(
    ("said", "html"),
    [
        ("Put `a * b` here", "<p>Put <code>a * b</code> here</p>\n"),
        ("`[x](https://evil.example)` ok", "<p><code>[x](https://evil.example)</code> ok</p>\n"),
        ("a ` b *c* ``d`` `", "<p>a ` b *c* ``d`` `</p>\n"),
        ("\\`[x](https://evil.example)`", "<p>\\<code>[x](https://evil.example)</code></p>\n"),
    ],
)
def test_in_the_chat_the_rest_is_no_markdown_either(said, html):
    assert to_html(plain_markdown(said)) == html


def test_what_is_told_of_an_app_and_its_runs_has_no_backticks_but_its_authors(admin, make_app, run_to_its_end, tenant):
    note = {"act": "send_notification", "params": {"to": "team", "title": "`Hello`", "body": "Say `as it is`"}}
    step = {**note, "id": "tell", "when": "(inputs.x or '') | length > 7 and '<script>alert(1)</script>' != ''"}
    inputs = {"type": "object", "properties": {"x": {"type": "string"}}}
    app_id = make_app(inputs=inputs, flows={"main": {"steps": [step]}})
    run_id = run_to_its_end(app_id)
    told = "It stopped: `<img src=x onerror=alert(1)>` is null."
    error = {"code": "null", "message": told, "hint": "Put `default` before it.", "path": "main/tell"}
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run_id).update(state="failed", error=error)
        record_decisions([Refusal(app_id, "t", "no_longer_wanted", details={"message": told})])
    for address in (f"/apps/{app_id}/", f"/runs/{run_id}/", "/runs/"):
        html = re.sub(r"<pre.*?</pre>", "", admin.get(address).content.decode(), flags=re.DOTALL)
        assert "<code>&lt;img src=x onerror=alert(1)&gt;</code> is null." in html
        assert "<img src=x" not in html
        assert "<script>alert" not in html
        assert "`" not in html.replace("Say `as it is`", "").replace("`Hello`", "")
    assert "Put <code>default</code> before it." in admin.get(f"/runs/{run_id}/").content.decode()
