"""What a model wrote, as HTML that is safe to show (CHT-10).

HTML is off in the parser and the result is sanitised once more as the final DOM: no images, no styles, links to http
and https only. A link that leads away says where, so that its text cannot pretend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https"}
_AWAY = re.compile(r"https?:[/\\]*|[/\\]{2,}", re.IGNORECASE)
_AUTHORITY_ENDS = re.compile(r"[/\\?#]")
_REL = "noopener noreferrer nofollow"
# The page has a first and a second heading of its own; an answer's begin below them.
_HEADINGS = {"h1": "h3", "h2": "h4"}


def to_html(text: str) -> SafeString:
    """The text's Markdown as sanitised HTML."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
        if token.children:
            token.children = list(_with_targets(token.children))
    raw = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(raw, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL)
    return mark_safe(clean)  # noqa: S308 -- sanitised in the line above


def host_of(href: str) -> str:
    """Where a link leads as a browser reads it: any number of slashes begins a host (URL Standard, 4.4); "" is here."""
    away = _AWAY.match(href)
    if away is None:
        return ""
    authority = _AUTHORITY_ENDS.split(href[away.end() :], maxsplit=1)[0]
    return authority.rpartition("@")[2]


def _with_targets(tokens: list[Token]) -> Iterator[Token]:
    host = ""
    for token in tokens:
        yield token
        if token.type == "link_open":
            host = host_of(str(token.attrGet("href") or ""))
        elif token.type == "link_close" and host:
            yield Token("text", "", 0, content=f" ({host})")
            host = ""
