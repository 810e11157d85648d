"""Random values of the model, for laws."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import settings
from hypothesis import strategies as st

from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment, Side
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, GroupKey
from rancher_ports.model.rules import Rule
from rancher_ports.model.table import Table, choose
from rancher_ports.tables import load_table

RKE1 = load_table("rke1")

# For laws of which an example takes a good part of a second.
FEW = settings(max_examples=max(10, settings().max_examples // 10))

# Every kind of value, all different.
PEERS = (
    Peer.cidr("office", "203.0.113.0/24"),
    Peer.cidr("office-v6", "2001:db8::/48"),
    Peer.cidr("bastion", "198.51.100.7/32"),
    Peer.prefix_list("mirrors", "pl-0123456789abcdef0"),
    Peer.security_group("alb", "sg-0123456789abcdef0"),
    Peer.security_group("peered", "123456789012/sg-01234567"),
    Peer.security_group("made-later", "${aws_security_group.other.id}"),
    Peer.ipv4("made-later-too", "${aws_subnet.x.cidr_block}"),
)


@st.composite
def ports(draw: st.DrawFn, last: int = 65535) -> Port:
    """A port of any protocol; TCP and UDP up to ``last``."""
    protocol = draw(st.sampled_from(["tcp", "udp", "icmp", "icmpv6", "47", "-1"]))
    if protocol in ("tcp", "udp"):
        first, end = sorted((draw(st.integers(0, last)), draw(st.integers(0, last))))
        return Port(protocol, first, end)
    if protocol in ("icmp", "icmpv6"):
        type_ = draw(st.integers(-1, 255))
        return Port(protocol, type_, -1 if type_ == -1 else draw(st.integers(-1, 255)))
    return Port(protocol)


@st.composite
def slots(draw: st.DrawFn, table: Table = RKE1) -> dict[str, tuple[Peer, ...]]:
    """Some slots with some peers in them."""
    chosen: Mapping[str, list[Peer]] = draw(
        st.dictionaries(st.sampled_from(sorted(table.slots)), st.lists(st.sampled_from(PEERS), unique=True, max_size=4))
    )
    return {slot: tuple(peers) for slot, peers in chosen.items()}


@st.composite
def deployments(draw: st.DrawFn, table: Table = RKE1) -> Deployment:
    """A deployment of a table: any choices, any of its sides, own groups."""
    choices = choose(
        table,
        features=draw(st.sets(st.sampled_from(sorted(table.features)))),
        cni=draw(st.sampled_from(table.cnis)),
        one_sided=draw(st.sampled_from(["documented", "completed"])),
        egress=draw(st.sampled_from(["documented", "all"])),
    )
    some_sides: list[frozenset[Side]] = [
        frozenset({"server"}),
        frozenset({"cluster"}),
        frozenset({"server", "cluster"}),
    ]
    sides = draw(st.sampled_from(some_sides))
    owners = {"rancher": draw(st.sampled_from(["prod", "central"]))}
    bindings = {role: Binding.own(owners.get(role, "prod"), role) for role in ROLES}
    if sides == {"server"}:
        bindings = {"rancher": bindings["rancher"]}
    return Deployment(choices, bindings, draw(slots(table)), sides)


GROUPS: tuple[GroupKey | str, ...] = (GroupKey("a", "etcd"), GroupKey("a", "worker"), "sg-0123456789abcdef0")

SMALL_BLOCKS = (
    "10.0.0.0/30",
    "10.0.0.0/31",
    "10.0.0.2/32",
    "10.0.0.2/31",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "2001:db8::/126",
)


def group_peer(group: GroupKey | str) -> Peer:
    """A group as a peer, named after its role."""
    return Peer(group.role if isinstance(group, GroupKey) else "other", PeerKind.GROUP, group)


@st.composite
def rules(draw: st.DrawFn, last: int = 6) -> Rule:
    """A rule between a few groups, blocks and lists, on few ports, so that rules meet."""
    blocks = [Peer.cidr(f"block-{index}", block) for index, block in enumerate(SMALL_BLOCKS)]
    peers = [*map(group_peer, GROUPS), *ANYWHERE, *blocks, *PEERS[3:]]
    return Rule(
        group=draw(st.sampled_from(GROUPS)),
        direction=draw(st.sampled_from(["ingress", "egress"])),
        port=draw(ports(last)),
        peer=draw(st.sampled_from(peers)),
    )
