"""Which addresses are refused, in every spelling that a resolver or a router may give them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decommerce.outgoing.address_table import IPV4_BLOCKS, IPV6_BLOCKS
from decommerce.outgoing.addresses import embedded_ipv4, refusal

pytestmark = pytest.mark.requirement("SEC-02")

INSIDE = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
]


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("0.0.0.0", "This network"),
        ("0.1.2.3", "This network"),
        ("10.0.0.0", "Private-Use"),
        ("10.255.255.255", "Private-Use"),
        ("100.64.0.0", "Shared Address Space"),
        ("100.127.255.255", "Shared Address Space"),
        ("100.100.100.200", "Cloud metadata"),
        ("127.0.0.1", "Loopback"),
        ("127.255.255.254", "Loopback"),
        ("169.254.0.1", "Link Local"),
        ("169.254.169.254", "Cloud metadata"),
        ("169.254.170.2", "Cloud metadata"),
        ("168.63.129.16", "Cloud metadata"),
        ("172.16.0.0", "Private-Use"),
        ("172.31.255.255", "Private-Use"),
        ("192.0.0.8", "IETF Protocol Assignments"),
        ("192.0.0.192", "Cloud metadata"),
        ("192.0.2.1", "TEST-NET-1"),
        ("192.31.196.1", "AS112"),
        ("192.52.193.1", "AMT"),
        ("192.88.99.1", "6to4 Relay"),
        ("192.168.0.1", "Private-Use"),
        ("192.175.48.1", "AS112"),
        ("198.18.0.1", "Benchmarking"),
        ("198.19.255.255", "Benchmarking"),
        ("198.51.100.1", "TEST-NET-2"),
        ("203.0.113.1", "TEST-NET-3"),
        ("224.0.0.1", "Multicast"),
        ("239.255.255.255", "Multicast"),
        ("240.0.0.1", "Reserved"),
        ("255.255.255.255", "Limited Broadcast"),
        ("::", "Unspecified"),
        ("::1", "Loopback"),
        ("0:0:0:0:0:0:0:1", "Loopback"),
        ("::2", "IPv4-Compatible"),
        ("::8.8.8.8", "IPv4-Compatible"),
        ("::127.0.0.1", "Loopback"),
        ("::ffff:127.0.0.1", "IPv4-mapped address of 127.0.0.1"),
        ("::ffff:7f00:1", "IPv4-mapped address of 127.0.0.1"),
        ("::ffff:0:10.0.0.1", "IPv4-translated address of 10.0.0.1"),
        ("64:ff9b::10.0.0.1", "NAT64 address of 10.0.0.1"),
        ("64:ff9b::a9fe:a9fe", "Cloud metadata"),
        ("64:ff9b:1::", "NAT64 (local use)"),
        ("64:ff9b:1:808:8:800::", "IPv4-IPv6 Translation (local use)"),
        ("100::1", "Discard-Only"),
        ("100:0:0:1::1", "Dummy"),
        ("2001::1", "Teredo"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo address of 192.0.2.45"),
        ("2001:0:a00:1::f7f7:f7f7", "Teredo address of 10.0.0.1"),
        ("2001:1::1", "IETF Protocol Assignments"),
        ("2001:2::1", "Benchmarking"),
        ("2001:3::1", "AMT"),
        ("2001:4:112::1", "AS112"),
        ("2001:10::1", "ORCHID"),
        ("2001:20::1", "ORCHIDv2"),
        ("2001:30::1", "Drone"),
        ("2001:db8::1", "Documentation"),
        ("2002:7f00:1::", "6to4 address of 127.0.0.1"),
        ("2002:808:808::1", "6to4"),
        ("2620:4f:8000::1", "AS112"),
        ("3fff::1", "Documentation"),
        ("5f00::1", "SRv6"),
        ("fc00::1", "Unique-Local"),
        ("fd12:3456::1", "Unique-Local"),
        ("fd00:ec2::254", "Cloud metadata"),
        ("fd20:ce::254", "Cloud metadata"),
        ("fe80::1", "Link-Local"),
        ("fe80::1%eth0", "zone"),
        ("2606:4700::1111%1", "zone"),
        ("febf::1", "Link-Local"),
        ("fec0::1", "Site-Local"),
        ("ff02::1", "Multicast"),
        ("ff0e::1", "Multicast"),
        ("2606:4700::5efe:10.0.0.1", "ISATAP address of 10.0.0.1"),
        ("2606:4700::200:5efe:192.168.1.1", "ISATAP address of 192.168.1.1"),
        ("200::1", "Reserved by IETF"),
        ("4000::1", "Reserved by IETF"),
        ("fe00::1", "Reserved by IETF"),
    ],
)
def test_it_refuses_an_address_and_names_its_block(address, block):
    assert block in (refusal(address) or "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.01",
        "[::1]",
        "1.2.3.4 ",
        "1.2.3.4%lo",
    ],
)
def test_what_is_no_address_as_resolvers_write_them_is_refused(text):
    assert refusal(text) == "Not an IP address"


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:800::200e",
        "3ffe:ffff::1",
    ],
)
def test_a_public_address_next_to_the_blocks_passes(address):
    assert refusal(address) is None


@pytest.mark.parametrize(("name", "block"), [*IPV4_BLOCKS, *IPV6_BLOCKS])
def test_every_listed_block_is_refused_from_its_first_to_its_last_address(name, block):
    network = ip_network(block)
    assert refusal(str(network[0]))
    assert refusal(str(network[-1]))


def _inside_address() -> st.SearchStrategy[IPv4Address]:
    networks = [IPv4Network(block) for block in INSIDE]
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(0, network.num_addresses - 1).map(lambda offset: network[offset])
    )


def _word(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, (1 << bits) - 1)


PUBLIC_SERVER = int(IPv4Address("65.54.227.120"))

# From RFC 4291, 6052, 8215, 3056, 4380 and 5214; the tests build addresses, the code takes them apart.
EMBEDDINGS = {
    "plain": lambda ip, noise: str(ip),
    "mapped": lambda ip, noise: f"::ffff:{ip}",
    "compatible": lambda ip, noise: f"::{ip}",
    "translated": lambda ip, noise: f"::ffff:0:{ip}",
    "nat64": lambda ip, noise: f"64:ff9b::{ip}",
    "nat64 local /96": lambda ip, noise: str(IPv6Address(0x64FF9B0001 << 80 | (noise & 0xFFFFFFFF) << 32 | int(ip))),
    "nat64 local /48": lambda ip, noise: str(
        IPv6Address(0x64FF9B0001 << 80 | (int(ip) >> 16) << 64 | (int(ip) & 0xFFFF) << 40)
    ),
    "6to4": lambda ip, noise: str(IPv6Address(0x2002 << 112 | int(ip) << 80 | noise)),
    "teredo server": lambda ip, noise: str(IPv6Address(0x20010000 << 96 | int(ip) << 64 | noise)),
    "teredo client": lambda ip, noise: str(
        IPv6Address(0x20010000 << 96 | PUBLIC_SERVER << 64 | (noise & 0xFFFFFFFF) << 32 | (int(ip) ^ 0xFFFFFFFF))
    ),
    "isatap": lambda ip, noise: str(IPv6Address(0x26064700 << 96 | 0x00005EFE << 32 | int(ip))),
    "isatap universal": lambda ip, noise: str(IPv6Address(0x26064700 << 96 | 0x02005EFE << 32 | int(ip))),
}


@pytest.mark.parametrize("embedding", EMBEDDINGS)
@given(address=_inside_address(), noise=_word(64))
def test_no_inside_address_passes_in_any_embedding(embedding, address, noise):
    written = EMBEDDINGS[embedding](address, noise)
    assert refusal(written), written
    assert refusal(IPv6Address(written).exploded if ":" in written else written)


@pytest.mark.parametrize("embedding", [name for name in EMBEDDINGS if name != "plain"])
@given(address=_inside_address(), noise=_word(64))
def test_the_embedded_address_is_decoded_exactly(embedding, address, noise):
    written = EMBEDDINGS[embedding](address, noise)
    assert address in {found for _, found in embedded_ipv4(IPv6Address(written))}


@given(number=_word(128))
def test_any_number_gets_an_answer_and_nothing_outside_global_unicast_passes(number):
    address = IPv6Address(number)
    assert refusal(str(address)) or number >> 125 == 1
