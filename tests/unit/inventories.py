"""Random inventories, and what they open, worked out address by address and port by port.

What is worked out knows nothing of the package but the values that it is given.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from tests.unit.strategies import SMALL_BLOCKS, ports

MANAGED = ("aws_security_group.a", "aws_security_group.b")
READ = "data.aws_security_group.c"
LIST = "pl-0123456789abcdef0"
BLOCKS = (*SMALL_BLOCKS, "0.0.0.0/0", "::/0")

# One address of each part into which the blocks cut all addresses.
ADDRESSES = ("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "9.9.9.9", "200.1.1.1", "2001:db8::1", "2600::1")

# One point of each part into which ports up to 6 cut all ports.
POINTS = tuple(itertools.product(("tcp", "udp", "icmp", "icmpv6", "47"), (*range(8), 65535)))

Point = tuple[str, int]


def group(identity: str) -> Reference:
    return Reference(PeerKind.GROUP, (identity,))


def block(text: str) -> Reference:
    return Reference(PeerKind.IPV6 if ":" in text else PeerKind.IPV4, (text,))


PEERS = (*map(group, (*MANAGED, READ)), *map(block, BLOCKS), Reference(PeerKind.PREFIX_LIST, (LIST,)))
VAGUE = (
    Reference(PeerKind.GROUP, MANAGED, certain=False),
    Reference(PeerKind.GROUP, (MANAGED[0], READ), certain=False),
    Reference(PeerKind.GROUP, (READ, MANAGED[1]), "local.x", certain=False),
)


@st.composite
def rules(draw: st.DrawFn, *, vague: bool = False) -> FoundRule:
    return FoundRule(
        address=draw(st.sampled_from(["r.one", "r.two", "r.three"])),
        group=group(draw(st.sampled_from([*MANAGED, READ]))),
        direction=draw(st.sampled_from(["ingress", "egress"])),
        port=draw(ports(6)),
        peer=draw(st.sampled_from([*PEERS, *(VAGUE if vague else ())])),
    )


@st.composite
def transitions(draw: st.DrawFn, *, vague: bool = False) -> Transition:
    """A change of a few rules, some of which stay."""
    some = st.lists(rules(vague=vague), max_size=6)
    stay = draw(some)
    return Transition(inventory([*stay, *draw(some)]), inventory([*stay, *draw(some)]))


def inventory(found: list[FoundRule]) -> Inventory:
    groups = {identity: FoundGroup(identity, identity) for identity in MANAGED}
    groups[READ] = FoundGroup(READ, READ, is_managed=False)
    return Inventory(groups, tuple(found))


def split(rule: FoundRule, random: Random) -> list[FoundRule]:
    """The same as several rules: its ports in two parts, or its block in two halves, where it has such."""
    port = rule.port
    if random.random() < 0.5 and port.protocol in ("tcp", "udp") and port.first != port.last:
        middle = random.randrange(port.first or 0, port.last or 0)
        ports = Port(port.protocol, port.first, middle), Port(port.protocol, middle + 1, port.last)
        return [replace(rule, port=part) for part in ports]
    (value,) = rule.peer.values
    if "/" in value and ipaddress.ip_network(value).num_addresses > 1:
        return [replace(rule, peer=block(str(half))) for half in ipaddress.ip_network(value).subnets()]
    return [rule]


def completions(side: Inventory) -> Iterator[dict[Reference, Reference]]:
    """What the values that are not known may turn out to be."""
    open_ = list(dict.fromkeys(rule.peer for rule in side.rules if not rule.peer.certain))
    for chosen in itertools.product(*(((*peer.values, peer.text) if peer.text else peer.values) for peer in open_)):
        yield {peer: group(value) for peer, value in zip(open_, chosen, strict=True)}


def completed(side: Inventory, known: Mapping[Reference, Reference]) -> Inventory:
    """The same, now that the values are known."""
    return inventory([replace(rule, peer=known.get(rule.peer, rule.peer)) for rule in side.rules])


def reaches(side: Inventory, source: str, destination: str, point: Point, version: int) -> bool:
    """Whether one end reaches another on a port, over IPv4 or IPv6; of whom we do not manage, our end counts alone."""
    halves = ((source, "egress", destination), (destination, "ingress", source))
    return all(
        _lets_all(side, at, direction, point, version)
        or any(_covers(rule, point) and _names(rule, other) for rule in _on(side, at, direction))
        for at, direction, other in halves
        if at in MANAGED
    )


def is_let(side: Inventory, at: str, direction: str, other: str, point: Point) -> bool:
    """Whether the rules on one group let an address or a peer pass, by name or since they let everybody pass."""
    if any(_covers(rule, point) and _names(rule, other) for rule in _on(side, at, direction)):
        return True
    return not _is_address(other) and all(_lets_all(side, at, direction, point, version) for version in (4, 6))


def _lets_all(side: Inventory, at: str, direction: str, point: Point, version: int) -> bool:
    of_version = [address for address in ADDRESSES if ipaddress.ip_address(address).version == version]
    found = _on(side, at, direction)
    return all(any(_covers(rule, point) and _names(rule, address) for rule in found) for address in of_version)


def _on(side: Inventory, at: str, direction: str) -> list[FoundRule]:
    return [rule for rule in side.rules if rule.group.values == (at,) and rule.direction == direction]


def _is_address(end: str) -> bool:
    return end in ADDRESSES


def _names(rule: FoundRule, other: str) -> bool:
    (value,) = rule.peer.values
    if not _is_address(other):
        return value == other
    return "/" in value and ipaddress.ip_address(other) in ipaddress.ip_network(value)


def _covers(rule: FoundRule, point: Point) -> bool:
    protocol, number = point
    port = rule.port
    if port.protocol != protocol:
        return port.protocol == "-1"
    if port.first is None or port.last is None or port.first == -1:
        return True
    if protocol in ("tcp", "udp"):
        return port.first <= number <= port.last
    type_, code = divmod(number, 256)
    return port.first == type_ and port.last in (-1, code)
