"""What no own rule may open, and rules that open nothing: against brute force and tables written by hand."""

from __future__ import annotations

import ipaddress
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.audit import exposed, open_to_the_world, redundant_rules
from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port, ports_between
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import choose
from rancher_ports.tables import load_table

TABLE = load_table("rke1")
ETCD, WORKER = GroupKey("prod", "etcd"), GroupKey("prod", "worker")
ROLES = ("rancher", "etcd", "controlplane", "worker")


def _rule(peer: Peer, port: Port, group: GroupKey | str = WORKER, direction: Direction = "ingress") -> Rule:
    return Rule(group, direction, port, peer, because=("own/worker/ingress/x",))


def _role(owner: str, role: str) -> Peer:
    return Peer(role if owner == "prod" else f"{owner}-{role}", PeerKind.GROUP, GroupKey(owner, role))


def _deployment(**slots: tuple[Peer, ...]) -> Deployment:
    bindings = {role: Binding.own("prod", role) for role in ROLES}
    return Deployment(choose(TABLE), bindings, slots)


BLOCK, LIST = Peer.cidr("admin", "10.0.0.7/32"), Peer.prefix_list("list", "pl-0123456789abcdef0")
UNKNOWN, FOREIGN = Peer.ipv4("unknown", "${var.block}"), Peer.security_group("alb", "sg-0123456789abcdef0")


# By hand: who may be let in on what.
@pytest.mark.parametrize(
    ("peer", "etcd", "kubelet", "overlay"),
    [
        (_role("prod", "etcd"), True, True, True),
        (_role("prod", "controlplane"), True, True, True),
        (_role("prod", "worker"), False, True, True),
        (_role("prod", "rancher"), False, True, True),
        (_role("other", "etcd"), False, True, True),
        (_role("prod", "agents"), False, True, True),
        (FOREIGN, False, True, True),
        (BLOCK, False, False, False),
        (LIST, False, False, False),
        (UNKNOWN, False, False, False),
        (ANYWHERE[0], False, False, False),
        (ANYWHERE[1], False, False, False),
    ],
    ids=str,
)
def test_who_may_be_let_in_on_protected_ports(peer: Peer, etcd: bool, kubelet: bool, overlay: bool) -> None:
    may = {"etcd-exposed": etcd, "kubelet-exposed": kubelet, "overlay-exposed": overlay}
    holds = {
        "etcd-exposed": [Port.tcp(2379), Port.tcp(2380), Port.tcp_range(2000, 2379), Port.tcp_range(2380, 9000)],
        "kubelet-exposed": [Port.tcp(10250), Port.tcp_range(10000, 10250)],
        "overlay-exposed": [Port.udp(8472), Port.udp_range(8472, 9000)],
    }
    for group in (WORKER, ETCD):
        for code, ports in holds.items():
            for port in ports:
                found = [finding.code for finding in exposed(TABLE, RuleSet.of((), [_rule(peer, port, group)]))]
                assert found == ([] if may[code] else [code]), port
        whole = exposed(TABLE, RuleSet.of((), [_rule(peer, Port.all(), group)]))
        assert {finding.code for finding in whole} == {code for code in may if not may[code]}


@pytest.mark.parametrize("port", [Port.udp(2379), Port.tcp(2381), Port.tcp(2378), Port.tcp(8472), Port.udp(10250)])
def test_other_ports_and_egress_are_not_protected(port: Port) -> None:
    assert exposed(TABLE, RuleSet.of((), [_rule(BLOCK, port)])) == ()
    assert exposed(TABLE, RuleSet.of((), [_rule(BLOCK, Port.tcp(2379), direction="egress")])) == ()


def test_a_group_of_no_role_is_nobodys_sibling() -> None:
    found = exposed(TABLE, RuleSet.of((), [_rule(_role("prod", "etcd"), Port.tcp(2379), "sg-01234567")]))
    assert [finding.code for finding in found] == ["etcd-exposed"]


# The world.


@st.composite
def _splits(draw: st.DrawFn, version: int = 4) -> list[str]:
    """A /0 cut into blocks in some way."""
    blocks = [ipaddress.ip_network("0.0.0.0/0" if version == 4 else "::/0")]
    for _ in range(draw(st.integers(0, 8))):
        index = draw(st.integers(0, len(blocks) - 1))
        blocks[index : index + 1] = blocks[index].subnets()  # type: ignore[arg-type]  # of one version
    return [str(block) for block in blocks]


@given(st.sampled_from([4, 6]).flatmap(_splits), st.data())
def test_the_world_in_any_number_of_pieces_is_the_world(blocks: list[str], data: st.DataObject) -> None:
    rules = [_rule(Peer.cidr(f"part-{index}", block), Port.tcp(9100)) for index, block in enumerate(blocks)]
    found = open_to_the_world(TABLE, _deployment(), RuleSet.of((), rules))
    assert [(finding.code, finding.place) for finding in found] == [("open-to-the-world", "prod/worker")]
    assert "on 9100/tcp " in found[0].sentence
    assert ("every IPv6 address" if ":" in blocks[0] else "every IPv4 address") in found[0].sentence
    lacking = data.draw(st.integers(0, len(rules) - 1))
    assert open_to_the_world(TABLE, _deployment(), RuleSet.of((), rules[:lacking] + rules[lacking + 1 :])) == ()


def test_only_the_ports_that_all_pieces_open_are_open_to_the_world() -> None:
    low, high = Peer.cidr("low", "0.0.0.0/1"), Peer.cidr("high", "128.0.0.0/1")
    rules = [_rule(low, Port.tcp_range(1000, 2000)), _rule(high, Port.tcp_range(1500, 3000)), _rule(high, Port.udp(7))]
    (found,) = open_to_the_world(TABLE, _deployment(), RuleSet.of((), rules))
    assert "on 1500-2000/tcp (by " in found.sentence
    apart = [_rule(low, Port.tcp(1)), _rule(high, Port.tcp(2))]
    assert open_to_the_world(TABLE, _deployment(), RuleSet.of((), apart)) == ()
    on_two = [_rule(low, Port.tcp(1), ETCD), _rule(high, Port.tcp(1), WORKER)]
    assert open_to_the_world(TABLE, _deployment(), RuleSet.of((), on_two)) == ()
    out = [_rule(peer, Port.tcp(1), direction="egress") for peer in ANYWHERE]
    assert open_to_the_world(TABLE, _deployment(), RuleSet.of((), out)) == ()


@pytest.mark.parametrize(
    ("slot", "requirement", "meant"),
    [
        ("ui_api_clients", "rke1/rancher/ingress/443/tcp", True),
        ("ingress_clients", "rke1/worker/ingress/443/tcp", True),
        ("nodeport_clients", "rke1/worker/ingress/30000-32767/tcp+udp", True),
        ("hosted_kubernetes", "rke1/rancher/ingress/443/tcp", False),
        ("load_balancer", "rke1/rancher/ingress/80/tcp", False),
    ],
)
def test_the_slots_meant_for_the_world_may_have_it(slot: str, requirement: str, meant: bool) -> None:
    assert requirement in {row.id for row in TABLE.requirements}
    rule = Rule(WORKER, "ingress", Port.tcp(443), ANYWHERE[0], because=("own/x", requirement))
    found = open_to_the_world(TABLE, _deployment(**{slot: ANYWHERE}), RuleSet.of((), [rule]))
    assert bool(found) is not meant
    # In that slot it has to be: another peer's word does not count.
    assert open_to_the_world(TABLE, _deployment(**{slot: (BLOCK,)}), RuleSet.of((), [rule]))


# Redundant rules.

_PEERS = [
    Peer.cidr("wide", "10.0.0.0/8"),
    Peer.cidr("half", "10.0.0.0/9"),
    Peer.cidr("narrow", "10.1.0.0/16"),
    Peer.cidr("apart", "192.168.0.0/16"),
    Peer.cidr("six", "2001:db8::/32"),
    Peer.cidr("seven", "2001:db8:7::/48"),
    *ANYWHERE,
    LIST,
    FOREIGN,
    UNKNOWN,
    _role("prod", "etcd"),
]
_PORTS = [Port.tcp(443), Port.tcp_range(400, 500), Port.udp(443), Port.all(), Port.icmp(8), Port("icmp", -1, -1)]


def _covers(wide: Peer, narrow: Peer) -> bool:
    if wide.kind is not narrow.kind or not (wide.is_known and narrow.is_known):
        return False
    if wide.kind in (PeerKind.IPV4, PeerKind.IPV6):
        return ipaddress.ip_network(str(narrow.value)).subnet_of(ipaddress.ip_network(str(wide.value)))  # type: ignore[arg-type]  # of one version
    return wide.value == narrow.value


@given(
    st.lists(
        st.builds(
            _rule,
            st.sampled_from(_PEERS),
            st.sampled_from(_PORTS),
            st.sampled_from([WORKER, ETCD]),
            st.sampled_from(["ingress", "egress"]),
        ),
        max_size=12,
        unique_by=lambda rule: rule.identity,
    )
)
def test_a_rule_is_redundant_if_another_opens_all_of_it(rules: list[Rule]) -> None:
    def counts(rule: Rule) -> bool:
        return not (rule.direction == "egress" and rule.port == Port.all())

    expected = [
        rule
        for rule in RuleSet.of((), rules).rules
        if counts(rule)
        and any(
            other is not rule
            and counts(other)
            and (other.group, other.direction) == (rule.group, rule.direction)
            and _covers(other.peer, rule.peer)
            and other.port.covers(rule.port)
            for other in rules
        )
    ]
    found = redundant_rules(RuleSet.of((), rules))
    assert sorted(finding.place for finding in found) == sorted(str(rule.group) for rule in expected)
    says = sorted(finding.sentence.partition(" opens nothing")[0] for finding in found)
    ends = {"ingress": "from", "egress": "to"}
    assert says == sorted(f"{r.group}: {r.direction} {r.port} {ends[r.direction]} {r.peer}" for r in expected)


def test_a_redundant_rule_is_told_with_the_other() -> None:
    rules = [_rule(_PEERS[0], Port.tcp_range(400, 500)), _rule(_PEERS[2], Port.tcp(443))]
    (found,) = redundant_rules(RuleSet.of((), rules))
    assert found.sentence == (
        "prod/worker: ingress 443/tcp from narrow opens nothing that 400-500/tcp from wide does not."
    )


# Stretches of the line of all ports, as texts.

_SOME = [
    *_PORTS,
    Port.tcp(0),
    Port.tcp(65535),
    Port("tcp", 0, 65535),
    Port("47"),
    Port("icmp", 3, -1),
    Port("icmp", 3, 4),
    Port("icmpv6", -1, -1),
    Port("0"),
    Port("255"),
]


@pytest.mark.parametrize("port", _SOME, ids=str)
def test_the_stretch_of_a_port_is_that_port(port: Port) -> None:
    assert ports_between(*port.span) == (port,)


@given(st.tuples(st.sampled_from(_SOME), st.sampled_from(_SOME)))
def test_ports_of_a_stretch_are_just_the_stretch(two: tuple[Port, Port]) -> None:
    first, last = min(port.span[0] for port in two), max(port.span[1] for port in two)
    spans = [port.span for port in ports_between(first, last)]
    assert (spans[0][0], spans[-1][1]) == (first, last)
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(spans))
