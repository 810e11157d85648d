"""The world: which addresses are public, and which blocks take in a good part of them."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.blocks import read_block
from rancher_ports.model.intervals import Intervals, difference, union
from rancher_ports.model.peers import PeerKind

# What is no public address (IANA special-purpose address registries; of IPv6, all but global unicast, RFC 4291).
# Whoever leaves it out lets in everybody all the same.
NOT_PUBLIC = {
    PeerKind.IPV4: (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    ),
    PeerKind.IPV6: ("::/3", "4000::/2", "8000::/1"),
}

# An IPv4 block wider than any private one, and one that takes in more of IPv6's public addresses than anybody has.
WIDEST_IPV4 = 8
WIDEST_IPV6 = 12
_WIDEST: dict[PeerKind, int] = {PeerKind.IPV4: 2 ** (32 - WIDEST_IPV4), PeerKind.IPV6: 2 ** (128 - WIDEST_IPV6)}


LAST_ADDRESS = {PeerKind.IPV4: 2**32 - 1, PeerKind.IPV6: 2**128 - 1}


PRIVATE: dict[PeerKind, Intervals] = {
    family: union(block.interval for block in map(read_block, blocks) if block) for family, blocks in NOT_PUBLIC.items()
}


def is_wide(family: PeerKind, count: int) -> bool:
    """Whether so many public addresses are more than anybody has for himself: more than one block of the widest."""
    return count > _WIDEST[family]


def count_public(family: PeerKind, addresses: Iterable[tuple[int, int]]) -> int:
    """How many public ones there are among addresses.

    Args:
        family: IPv4 or IPv6.
        addresses: first and last addresses, as numbers.
    """
    return sum(last - first + 1 for first, last in public(family, addresses))


def public(family: PeerKind, addresses: Iterable[tuple[int, int]]) -> Intervals:
    """The public ones among addresses."""
    return difference(union(addresses), PRIVATE[family])
