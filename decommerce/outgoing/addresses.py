"""Whether an address is a place on the public Internet (SEC-02).

The answer comes from literal tables: what `ipaddress` of this Python calls private or global is wrong for NAT64, 6to4,
IPv4-compatible, site-local and shared addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from decommerce.outgoing.address_table import IPV4_BLOCKS, IPV6_BLOCKS, IPV6_GLOBAL_UNICAST


def refusal(address: str) -> str | None:
    """Why nothing may be sent to this address, as the name of the block it is in; None for a public address.

    `address` is the text that a resolver returns. What is no address at all, or has a zone, is refused as well.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "Not an IP address"
    if isinstance(parsed, IPv4Address):
        return _ipv4_refusal(parsed)
    if parsed.scope_id is not None:
        return "Address with a zone, RFC 4007"
    return _ipv6_refusal(parsed)


def _ipv4_refusal(address: IPv4Address) -> str | None:
    return next((name for name, block in IPV4_BLOCKS if address in block), None)


def _ipv6_refusal(address: IPv6Address) -> str | None:
    reasons = [name for name, block in IPV6_BLOCKS if address in block]
    for scheme, embedded in embedded_ipv4(address):
        reason = _ipv4_refusal(embedded)
        if reason:
            reasons.append(f"{scheme} address of {embedded}, {reason}")
    if not reasons and not any(address in block for block in (IPV6_GLOBAL_UNICAST, *_STANDS_FOR_IPV4)):
        reasons.append("Reserved by IETF, RFC 4291")
    return "; ".join(reasons) or None


def embedded_ipv4(address: IPv6Address) -> list[tuple[str, IPv4Address]]:
    """Every IPv4 address that routers, relays or translators may make of this one, with the name of the scheme."""
    number = int(address)
    return [
        (name, IPv4Address(embedded))
        for name, block, decode in _EMBEDDINGS
        if address in block
        for embedded in decode(number)
    ]


def _bits(number: int, *ranges: tuple[int, int]) -> int:
    """The bits of the ranges (first bit, how many; bit 0 is the leftmost of 128), joined."""
    joined = 0
    for first, count in ranges:
        joined = joined << count | number >> (128 - first - count) & (1 << count) - 1
    return joined


def _last_32(number: int) -> tuple[int, ...]:
    return (_bits(number, (96, 32)),)


def _six_to_four(number: int) -> tuple[int, ...]:
    return (_bits(number, (16, 32)),)


def _teredo(number: int) -> tuple[int, ...]:
    """The server, and the client whose bits are inverted (RFC 4380, section 4)."""
    return _bits(number, (32, 32)), _bits(number, (96, 32)) ^ 0xFFFFFFFF


def _local_nat64(number: int) -> tuple[int, ...]:
    """Only the site knows its prefix length, so each of RFC 6052, section 2.2 is decoded. Bits 64 to 71 are skipped."""
    return (
        _bits(number, (48, 16), (72, 16)),
        _bits(number, (56, 8), (72, 24)),
        _bits(number, (72, 32)),
        _bits(number, (96, 32)),
    )


def _isatap(number: int) -> tuple[int, ...]:
    """The interface identifier is 0000:5efe or 0200:5efe and the IPv4 address, under any prefix (RFC 5214)."""
    return _last_32(number) if _bits(number, (64, 32)) in (0x00005EFE, 0x02005EFE) else ()


_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
# An address in these blocks is as good as the IPv4 address in it; the other schemes are refused whole.
_STANDS_FOR_IPV4 = (_MAPPED, _NAT64)

_EMBEDDINGS: tuple[tuple[str, IPv6Network, Callable[[int], tuple[int, ...]]], ...] = (
    ("IPv4-mapped", _MAPPED, _last_32),
    ("IPv4-compatible", IPv6Network("::/96"), _last_32),
    ("IPv4-translated", IPv6Network("::ffff:0:0:0/96"), _last_32),
    ("NAT64", _NAT64, _last_32),
    ("NAT64 (local use)", IPv6Network("64:ff9b:1::/48"), _local_nat64),
    ("6to4", IPv6Network("2002::/16"), _six_to_four),
    ("Teredo", IPv6Network("2001::/32"), _teredo),
    ("ISATAP", IPv6Network("::/0"), _isatap),
)
