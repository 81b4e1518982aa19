"""Whether, and with what, a redirect is followed."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urljoin

from decommerce.outgoing.errors import OutgoingRedirectRefused
from decommerce.outgoing.request import METHODS, OutgoingRequest
from decommerce.outgoing.urls import Url, parse_url

# Status to the methods that go on unchanged. 301, 302 and 303 turn other methods into GET (RFC 9110, section 15.4): the
# body would be lost without a word, so they are refused.
_READS = frozenset({"GET", "HEAD"})
FOLLOWED: Mapping[int, frozenset[str]] = {301: _READS, 302: _READS, 303: _READS, 307: METHODS, 308: METHODS}

# Another origin gets only what describes the body and lets it recognise a repetition. Any other header may be a secret.
_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "content-type", "idempotency-key", "user-agent"})
_URI_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")


def follow(request: OutgoingRequest, url: Url, status: int, location: str, ports: frozenset[int]) -> OutgoingRequest:
    """The request that goes on to `location`.

    Raises OutgoingRedirectRefused, and OutgoingUrlRefused for a location that is no plain https URL.
    """
    if request.method not in FOLLOWED[status]:
        raise OutgoingRedirectRefused(
            f"{url.host} answered {request.method} with the redirect {status}, which would lose the body.",
            hint="Use the address that the receiver redirects to, or have it answer 307 or 308.",
        )
    if not location or not _URI_CHARACTERS.issuperset(location):
        raise OutgoingRedirectRefused(f"{url.host} redirects to what is no URL.", hint="Ask the receiver.")
    target = parse_url(urljoin(url.text, location), ports)
    headers = request.headers
    if (target.host, target.port) != (url.host, url.port):
        headers = {name: value for name, value in headers.items() if name.lower() in _ACROSS_ORIGINS}
    return replace(request, url=target.text, headers=headers)
