"""Templates of the language as people read them: each placeholder named in ‹ ›."""

from __future__ import annotations

import re
from collections.abc import Mapping

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

    def named(found: re.Match[str]) -> str:
        path = found["path"]
        if path == "tenant.name" and tenant:
            return tenant
        last = path.rpartition(".")[2]
        return f"‹{WHOLE.get(path) or NAMES.get(last) or last.replace('_', ' ')}›"

    return _PLACEHOLDER.sub(named, text)
