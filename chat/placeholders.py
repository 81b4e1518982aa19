"""Templates of the language as people read them: each placeholder named in ‹ ›."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.tokens import scan_template

# A path by itself or with filters; anything else is worked out from several things and has no name of its own.
_PATH = re.compile(r"\{\{\s*(?P<path>[\w.]+)\s*(?:\||\}\})")
# The same in a text that was cut somewhere, and is no template any more.
_PLACEHOLDER = re.compile(r"\{\{\s*(?P<path>[\w.]+)[^}]*\}\}")
NAMES: Mapping[str, str] = {
    "display_name": "their name",
    "author_name": "their name",
    "member_name": "their name",
    "body": "the text",
    "title": "the title",
    "post_title": "the title",
    "name": "the name",
}
WHOLE: Mapping[str, str] = {
    "tenant.name": "the community",
    "trigger.order.name": "the order's number",
    "today": "the day",
}


def readable(text: str, tenant: str = "") -> str:
    """The text with its placeholders named; the community by its own name where that is given."""

    def named(found: re.Match[str] | None) -> str:
        path = found["path"] if found else "…"
        if path == "tenant.name" and tenant:
            return tenant
        last = path.rpartition(".")[2]
        return f"‹{WHOLE.get(path) or NAMES.get(last) or last.replace('_', ' ')}›"

    try:
        pieces = list(scan_template(text))
    except TemplateSyntaxError:
        return _PLACEHOLDER.sub(named, text)
    return "".join(
        piece if isinstance(piece, str) else named(_PATH.match(text[piece.position : piece.end])) for piece in pieces
    )
