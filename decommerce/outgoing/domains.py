"""Host names, and the list of those that a tenant may call.

An entry `example.com` covers exactly that host. `*.example.com` covers every host under it, at any depth, and not
`example.com` itself; a tenant who wants both lists both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import idna

from decommerce.outgoing.errors import OutgoingUrlRefused

MAX_HOST = 253

# WHATWG URL, "ends in a number": decimal, octal and hexadecimal parts, in any number. No top-level domain is a number.
_ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$")


def normalise_host(text: str) -> str:
    """The host in its one spelling: IDNA 2008 with the UTS 46 mapping, lower case, no trailing dot.

    Raises OutgoingUrlRefused for what is no name, an IP address in any spelling included.
    """
    try:
        host = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").removesuffix(".").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise OutgoingUrlRefused(f"“{text[:80]}” is not a host name.", hint="Use a name like example.com.") from error
    if _ENDS_IN_A_NUMBER.search(host):
        raise OutgoingUrlRefused(f"“{host}” is an IP address.", hint="Use the name of the host.")
    if len(host) > MAX_HOST:
        raise OutgoingUrlRefused("The host name is longer than 253 characters.", hint="Use a name like example.com.")
    return host


def normalise_pattern(text: str) -> str:
    """An entry of the list in its one spelling; raises OutgoingUrlRefused for what is no entry."""
    text = text.strip()
    wildcard = text.startswith("*.")
    host = normalise_host(text[2:] if wildcard else text)
    if "." not in host:
        raise OutgoingUrlRefused(
            f"“{text[:80]}” is too wide or not public.", hint="Name a domain, e.g. example.com or *.example.com."
        )
    return f"*.{host}" if wildcard else host


def covering(patterns: Iterable[str], host: str) -> str | None:
    """The entry that covers the host, the most specific one; None where no entry does."""
    found = [entry for entry in patterns if host == entry or (entry.startswith("*.") and host.endswith(entry[1:]))]
    return max(found, key=lambda entry: (not entry.startswith("*."), len(entry)), default=None)
