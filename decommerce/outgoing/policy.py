"""Where a call may go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from decommerce.outgoing.addresses import refusal
from decommerce.outgoing.domains import covering
from decommerce.outgoing.errors import OutgoingDomainRefused
from decommerce.outgoing.resolver import Resolver, system_resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one tenant's calls.

    `domains` are entries as `domains.normalise_pattern` spells them. `refuse_address` says why an address is refused,
    or None. `pinned` are hosts whose addresses the operator set: they are neither looked up nor refused. `ca_bundle` is
    the path of certificates trusted besides the public ones.
    """

    domains: tuple[str, ...]
    ports: frozenset[int] = frozenset({443})
    resolver: Resolver = system_resolver
    refuse_address: Callable[[str], str | None] = refusal
    pinned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ca_bundle: str | None = None
    max_redirects: int = 3

    def require(self, host: str) -> None:
        """Raise OutgoingDomainRefused unless an entry covers the host."""
        if covering(self.domains, host) is None:
            raise OutgoingDomainRefused(
                f"{host} is not on the list of domains that may be called.",
                hint="An admin can add it to the allowed domains.",
            )
