"""Blocks of addresses that are not the public Internet, as literals.

The names are those of the IANA registries: IPv4 Special-Purpose Address Registry, IPv6 Special-Purpose Address Registry
(both as of 2025-10-09), IPv4 and IPv6 Multicast Address Space, IPv6 Address Space. Entries that the registries call
globally reachable (anycast of the routing infrastructure) are listed too: nobody receives a call there. The metadata
services of clouds come first, so that a refusal names them and not the block that they sit in.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

IPV4_BLOCKS: tuple[tuple[str, IPv4Network], ...] = tuple(
    (name, IPv4Network(block))
    for block, name in (
        ("169.254.169.254/32", "Cloud metadata service"),
        ("169.254.170.2/32", "Cloud metadata service (container credentials)"),
        ("169.254.170.23/32", "Cloud metadata service (pod credentials)"),
        ("100.100.100.200/32", "Cloud metadata service (Alibaba Cloud)"),
        ("168.63.129.16/32", "Cloud metadata service (Azure platform)"),
        ("192.0.0.192/32", "Cloud metadata service (Oracle Cloud)"),
        ("0.0.0.0/8", "This network, RFC 791"),
        ("10.0.0.0/8", "Private-Use, RFC 1918"),
        ("100.64.0.0/10", "Shared Address Space, RFC 6598"),
        ("127.0.0.0/8", "Loopback, RFC 1122"),
        ("169.254.0.0/16", "Link Local, RFC 3927"),
        ("172.16.0.0/12", "Private-Use, RFC 1918"),
        ("192.0.0.0/24", "IETF Protocol Assignments, RFC 6890"),
        ("192.0.2.0/24", "Documentation (TEST-NET-1), RFC 5737"),
        ("192.31.196.0/24", "AS112-v4, RFC 7535"),
        ("192.52.193.0/24", "AMT, RFC 7450"),
        ("192.88.99.0/24", "Deprecated (6to4 Relay Anycast), RFC 7526"),
        ("192.168.0.0/16", "Private-Use, RFC 1918"),
        ("192.175.48.0/24", "Direct Delegation AS112 Service, RFC 7534"),
        ("198.18.0.0/15", "Benchmarking, RFC 2544"),
        ("198.51.100.0/24", "Documentation (TEST-NET-2), RFC 5737"),
        ("203.0.113.0/24", "Documentation (TEST-NET-3), RFC 5737"),
        ("224.0.0.0/4", "Multicast, RFC 5771"),
        ("255.255.255.255/32", "Limited Broadcast, RFC 8190"),
        ("240.0.0.0/4", "Reserved, RFC 1112"),
    )
)

IPV6_BLOCKS: tuple[tuple[str, IPv6Network], ...] = tuple(
    (name, IPv6Network(block))
    for block, name in (
        ("fd00:ec2::/32", "Cloud metadata service (AWS)"),
        ("fd20:ce::254/128", "Cloud metadata service (Google Cloud)"),
        ("fd00:c1::a9fe:a9fe/128", "Cloud metadata service (Oracle Cloud)"),
        ("::1/128", "Loopback Address, RFC 4291"),
        ("::/128", "Unspecified Address, RFC 4291"),
        ("::/96", "Deprecated (IPv4-Compatible), RFC 4291"),
        ("::ffff:0:0:0/96", "IPv4-Translated, RFC 2765"),
        ("64:ff9b:1::/48", "IPv4-IPv6 Translation (local use), RFC 8215"),
        ("100::/64", "Discard-Only Address Block, RFC 6666"),
        ("100:0:0:1::/64", "Dummy IPv6 Prefix, RFC 9780"),
        ("2001::/32", "TEREDO, RFC 4380"),
        ("2001:2::/48", "Benchmarking, RFC 5180"),
        ("2001:3::/32", "AMT, RFC 7450"),
        ("2001:4:112::/48", "AS112-v6, RFC 7535"),
        ("2001:10::/28", "Deprecated (ORCHID), RFC 4843"),
        ("2001:20::/28", "ORCHIDv2, RFC 7343"),
        ("2001:30::/28", "Drone Remote ID Protocol Entity Tags, RFC 9374"),
        ("2001::/23", "IETF Protocol Assignments, RFC 2928"),
        ("2001:db8::/32", "Documentation, RFC 3849"),
        ("2002::/16", "6to4, RFC 3056"),
        ("2620:4f:8000::/48", "Direct Delegation AS112 Service, RFC 7534"),
        ("3fff::/20", "Documentation, RFC 9637"),
        ("5f00::/16", "Segment Routing (SRv6) SIDs, RFC 9602"),
        ("fc00::/7", "Unique-Local, RFC 4193"),
        ("fe80::/10", "Link-Local Unicast, RFC 4291"),
        ("fec0::/10", "Deprecated (Site-Local), RFC 3879"),
        ("ff00::/8", "Multicast, RFC 4291"),
    )
)

# IANA hands out unicast addresses from this block only; the rest of IPv6 is reserved.
IPV6_GLOBAL_UNICAST = IPv6Network("2000::/3")
