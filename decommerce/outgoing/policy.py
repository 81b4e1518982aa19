"""Where a call may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from decommerce.outgoing.addresses import refusal
from decommerce.outgoing.resolver import Resolver, system_resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one tenant's calls.

    `domains` are entries as `domains.normalise_pattern` spells them. `refuse_address` says why an address is refused,
    or None. `ca_bundle` is the path of certificates trusted besides the public ones.
    """

    domains: tuple[str, ...]
    ports: frozenset[int] = frozenset({443})
    resolver: Resolver = system_resolver
    refuse_address: Callable[[str], str | None] = refusal
    ca_bundle: str | None = None
    max_redirects: int = 3
