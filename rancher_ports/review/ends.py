"""The ends of traffic, as a review names them: groups, prefix lists, addresses, and those of whom more is not known."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping

from rancher_ports.model.intervals import Interval, Intervals, difference
from rancher_ports.model.inventory import FoundGroup, Inventory
from rancher_ports.model.peers import PeerKind
from rancher_ports.review.changes import End, EndKind

# More blocks than that are shown as a wider one without what does not belong to it, if that is shorter.
_PLAIN_BLOCKS = 2

_Address = type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]
_ADDRESS: Mapping[PeerKind, _Address] = {PeerKind.IPV4: ipaddress.IPv4Address, PeerKind.IPV6: ipaddress.IPv6Address}
_BITS = {PeerKind.IPV4: 32, PeerKind.IPV6: 128}


def named_groups(*inventories: Inventory) -> dict[str, End]:
    """Groups by identity: named by owner and role, unless two have the same; else by address or id."""
    groups: dict[str, FoundGroup] = {}
    for inventory in inventories:
        for identity, group in inventory.groups.items():
            # Tags may change; what a group has in the end says whose it is.
            if group.key is not None or identity not in groups:
                groups[identity] = group
    times = Counter(group.key for group in groups.values() if group.key is not None)
    return {
        identity: End(
            kind="security group",
            name=str(group.key) if group.key is not None and times[group.key] == 1 else identity,
            key=group.key,
            address=group.address,
        )
        for identity, group in groups.items()
    }


def named(kind: PeerKind, value: str, groups: Mapping[str, End]) -> End:
    """Whoever is no address: a group, a prefix list, or what an expression comes to."""
    if kind is PeerKind.GROUP:
        return groups.get(value, End("security group", value))
    return End("prefix list" if kind is PeerKind.PREFIX_LIST else _family(kind), value)


def one_of(ends: Iterable[End]) -> End:
    """One of several, of which it is not known which."""
    found = sorted(ends, key=lambda end: end.name)
    names = tuple(end.name for end in found)
    return End(found[0].kind, f"one of {', '.join(names)}", candidates=names)


def addresses(family: PeerKind, intervals: Intervals) -> End:
    """Addresses as CIDR blocks, or as one block without others, whichever is shorter.

    Args:
        family: IPv4 or IPv6.
        intervals: first and last addresses, as numbers.
    """
    blocks = _blocks(family, intervals)
    but_for: tuple[str, ...] = ()
    if len(blocks) > _PLAIN_BLOCKS:
        around, bounds = _around(family, intervals[0][0], intervals[-1][1])
        remaining = difference((bounds,), intervals)
        # Each of these takes a block at least.
        if len(remaining) < len(blocks) and len(rest := _blocks(family, remaining)) < len(blocks):
            blocks, but_for = (around,), rest
    return End(_family(family), ", ".join(blocks), blocks=blocks, but_for=but_for)


def _blocks(family: PeerKind, intervals: Intervals) -> tuple[str, ...]:
    address = _ADDRESS[family]
    found: list[str] = []
    for first, last in intervals:
        size = last - first + 1
        if size & (size - 1) == 0 and first % size == 0:
            # One block, as nearly all are: ipaddress takes ten times as long to find that out.
            found.append(f"{address(first)}/{_BITS[family] - size.bit_length() + 1}")
        else:
            found += map(str, ipaddress.summarize_address_range(address(first), address(last)))
    return tuple(found)


def _around(family: PeerKind, first: int, last: int) -> tuple[str, Interval]:
    """The smallest block that holds both addresses."""
    bits = (first ^ last).bit_length()
    lowest = first >> bits << bits
    return f"{_ADDRESS[family](lowest)}/{_BITS[family] - bits}", (lowest, lowest + 2**bits - 1)


def _family(kind: PeerKind) -> EndKind:
    return "ipv4" if kind is PeerKind.IPV4 else "ipv6"
