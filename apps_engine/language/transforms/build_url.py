"""Make a link to one of a few sites for payments, maps, calendars and messages (ACT-07; superpowers, section 4).

Whatever the parameters hold, the link leads to the site that is named: the host is checked once the address is
rendered, and everything that comes after it is percent-encoded (RFC 3986).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from apps_engine.language.bounds import URL_CHARACTERS
from apps_engine.language.errors import BoundExceeded, InvalidValue, LanguageError, WrongType
from apps_engine.language.kinds import described, excerpt
from apps_engine.language.predicates import Predicate
from apps_engine.language.rendering import to_text
from apps_engine.language.static_types import TEXT, Type
from apps_engine.language.suggestions import did_you_mean
from apps_engine.language.transforms.record import TransformSpec, Types

DOMAINS = (
    "venmo.com",
    "cash.app",
    "paypal.com",
    "maps.google.com",
    "calendar.google.com",
    "maps.apple.com",
    "wa.me",
)

# The whole of an address that is taken: no user, no port, no fragment, no character that a browser would rewrite.
_ADDRESS = re.compile(
    r"https://([A-Za-z0-9.-]+)(/[!$&'()*+,;=:@A-Za-z0-9._~%/-]*)?(\?[!$&'()*+,;=:@A-Za-z0-9._~%/?-]*)?"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOTS = frozenset({".", ".."})
_SCHEME = "https://"
_SLASHES_BEFORE_PATH = 3


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> str:
    path = params.get("path")
    link = _based(params["url"], extended=path is not None) + _path(path)
    query = _query(params.get("query") or {})
    link += f"{'&' if '?' in link else '?'}{query}" if query else ""
    if len(link) > URL_CHARACTERS:
        raise _too_long()
    return link


def _based(address: Any, *, extended: bool = False) -> str:
    """The address that the path and the query are added to, checked; without a slash at its end if a path follows."""
    if not isinstance(address, str):
        raise WrongType(f"`url` of `build_url` is a text, not {described(address)}.")
    shape = _ADDRESS.fullmatch(address) if len(address) <= URL_CHARACTERS else None
    if shape is None or _BAD_ESCAPE.search(address) or _climbs(shape[2] or ""):
        raise _bad_address(address)
    host = _allowed(shape[1])
    rest = address[len(_SCHEME) + len(shape[1]) :]
    if extended and shape[3]:
        raise InvalidValue("bad_url", "The address has a query already, so no `path` can follow.", "Use `query`.")
    return _SCHEME + host + (rest.rstrip("/") if extended else rest)


def _too_long() -> BoundExceeded:
    return BoundExceeded("url_too_long", f"A link has at most {URL_CHARACTERS} characters.", "Send less in it.")


def _climbs(path: str) -> bool:
    """Whether a segment of the path means the one above, however its dots are written."""
    return not _DOTS.isdisjoint(path.lower().replace("%2e", ".").split("/"))


def _bad_address(address: str) -> InvalidValue:
    return InvalidValue(
        "bad_url",
        f"'{excerpt(address)}' is no address for a link.",
        "Write https://, the domain and a path, percent-encoded; without user, port or fragment.",
    )


def _allowed(host: str) -> str:
    domain = host.lower()
    if domain not in DOMAINS:
        near = did_you_mean(domain, DOMAINS)
        hint = near or f"Links can lead to {', '.join(DOMAINS)}."
        raise InvalidValue("domain_not_linkable", f"`build_url` makes no links to '{excerpt(host)}'.", hint)
    return domain


def _path(path: Any) -> str:
    """Segments, each encoded; a text is cut at its slashes, so that a list is for values that may hold some."""
    if path is None:
        return ""
    if isinstance(path, list) and len(path) > URL_CHARACTERS:
        raise _too_long()
    segments = path if isinstance(path, list) else [part for part in _scalar(path, "path").split("/") if part]
    texts = [_scalar(segment, f"path[{index}]") for index, segment in enumerate(segments)]
    if not _DOTS.isdisjoint(texts) or "" in texts:
        raise InvalidValue("bad_url", "A segment of the path is empty, `.` or `..`.", "Leave it out.")
    return "".join(f"/{_encoded(text)}" for text in texts)


def _query(query: Any) -> str:
    """The parameters, each name and value encoded; null is left out, and a list gives its name several times."""
    if not isinstance(query, dict):
        raise WrongType(f"`query` of `build_url` is an object, not {described(query)}.", 'Write {"amount": "12.50"}.')
    pairs = [
        (name, item)
        for name, value in query.items()
        for item in (value if isinstance(value, list) else [value])
        if item is not None
    ]
    if len(pairs) > URL_CHARACTERS:
        raise _too_long()
    return "&".join(f"{_encoded(name)}={_encoded(_scalar(item, f'query.{name}'))}" for name, item in pairs)


def _scalar(value: Any, name: str) -> str:
    if isinstance(value, list | dict):
        raise WrongType(f"A part of a link is a text or a number; `{name[:80]}` is {described(value)}.")
    return to_text(value, name[:80])


def _encoded(text: str) -> str:
    if len(text) > URL_CHARACTERS:
        raise _too_long()
    return quote(text.encode(errors="replace"), safe="")


def _faults(params: Mapping[str, Any]) -> Iterator[tuple[str, LanguageError]]:
    """What is wrong with the address whatever is rendered into it: its host stands before the first placeholder."""
    written = params.get("url")
    if not isinstance(written, str):
        return
    fixed, braces, _ = written.partition("{{")
    if braces and fixed.count("/") < _SLASHES_BEFORE_PATH:
        return
    try:
        _based(fixed)
    except LanguageError as error:
        yield "url", error


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    return Type(TEXT.kind, untrusted=any(found.tainted for found in types.values()))


BUILD_URL = TransformSpec(
    name="build_url",
    summary=f"Make a link, percent-encoded, to {', '.join(DOMAINS[:-1])} or {DOMAINS[-1]}.",
    params={
        "type": "object",
        "properties": {
            "url": {"type": "string", "minLength": 1, "description": "Where it leads: https://venmo.com."},
            "path": {
                "type": ["string", "array"],
                "items": {"type": ["string", "number"]},
                "description": 'What follows: "maps/dir", or a list of segments that may hold slashes.',
            },
            "query": {
                "type": "object",
                "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"]},
                "description": 'The parameters: {"amount": "{{ share }}", "note": "Dinner"}.',
            },
        },
        "required": ["url"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
    takes_rows=False,
    faults=_faults,
)
