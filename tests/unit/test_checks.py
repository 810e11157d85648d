"""Checks of a rule set: quotas, protected ports, the whole world, superfluous rules."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rancher_ports.audit.protected import exposed
from rancher_ports.audit.quota import over_quota, unknown_entries
from rancher_ports.audit.redundant import redundant_rules
from rancher_ports.audit.world import open_to_the_world
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Requirement, Slot, Table
from tests.unit.strategies import GROUPS, RKE1, group_peer, rules

ETCD, WORKER, RANCHER = GroupKey("a", "etcd"), GroupKey("a", "worker"), GroupKey("central", "rancher")
HTTPS = Port.tcp(443)
OFFICE = Peer.cidr("office", "203.0.113.0/24")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _blocks(number: int, family: int = 4) -> list[Peer]:
    first = "10.0.%d.0/24" if family == 4 else "2001:db8:%x::/48"
    return [Peer.cidr(f"v{family}-{index}", first % index) for index in range(number)]


def _rules(group: GroupKey | str, direction: Direction, *peers: Peer) -> list[Rule]:
    return [Rule(group, direction, HTTPS, peer) for peer in peers]


# Quotas.


def test_a_group_may_have_as_many_rules_as_the_quota_and_no_more() -> None:
    assert over_quota(RuleSet.of((), _rules(ETCD, "ingress", *_blocks(60))), Quotas()) == ()
    (finding,) = over_quota(RuleSet.of((), _rules(ETCD, "ingress", *_blocks(61))), Quotas())
    assert (finding.code, finding.severity, finding.place) == ("quota", "error", "a/etcd")
    assert finding.sentence == "The group of a/etcd has 61 ingress rules for IPv4, as AWS counts them, of 60."
    assert finding.fix.startswith("Put addresses together")
    assert over_quota(RuleSet.of((), _rules(ETCD, "ingress", *_blocks(61))), Quotas(rules_per_group=61)) == ()


def test_each_direction_and_family_has_a_quota_of_its_own() -> None:
    some = [
        rule
        for direction in ("egress", "ingress")
        for family in (6, 4)
        for rule in _rules(ETCD, direction, *_blocks(3, family))
    ]
    assert over_quota(RuleSet.of((), some), Quotas(rules_per_group=3)) == ()
    sentences = [finding.sentence for finding in over_quota(RuleSet.of((), some), Quotas(rules_per_group=2))]
    assert [sentence.partition(", as")[0].partition(" has ")[2] for sentence in sentences] == [
        "3 ingress rules for IPv4",
        "3 ingress rules for IPv6",
        "3 egress rules for IPv4",
        "3 egress rules for IPv6",
    ]


def test_too_many_rules_on_a_servers_group_are_mended_by_a_group_of_all_agents() -> None:
    some = [*_rules("sg-01234567", "egress", *_blocks(2)), *_rules(RANCHER, "ingress", *_blocks(2))]
    brought, server = over_quota(RuleSet.of((), some), Quotas(rules_per_group=1))
    assert (brought.place, server.place) == ("sg-01234567", "central/rancher")
    assert "AgentsGroup" not in brought.fix
    assert "AgentsGroup" in server.fix


def test_a_prefix_list_in_use_whose_entries_nobody_stated_is_named_once() -> None:
    zoo, lab = Peer.prefix_list("zoo", "pl-01234567"), Peer.prefix_list("lab", "pl-01234568")
    stated = Peer.prefix_list("stated", "pl-01234569", max_entries=3)
    some = [*_rules(ETCD, "ingress", zoo, lab, stated, OFFICE), *_rules(ETCD, "egress", zoo)]
    findings = unknown_entries(RuleSet.of((), some))
    assert [(finding.code, finding.severity, finding.place) for finding in findings] == [
        ("unknown-entries", "warning", "lab"),
        ("unknown-entries", "warning", "zoo"),
    ]


# Protected ports. Who may be let in, by hand: etcd 2379-2380/tcp, kubelet 10250/tcp, overlay 8472/udp.

OF = {
    "etcd": Peer("etcd", PeerKind.GROUP, ETCD),
    "controlplane": Peer("controlplane", PeerKind.GROUP, GroupKey("a", "controlplane")),
    "worker": Peer("worker", PeerKind.GROUP, WORKER),
    "another cluster's etcd": Peer("b-etcd", PeerKind.GROUP, GroupKey("b", "etcd")),
    "a group by id": Peer.security_group("bastion", "sg-0123456789abcdef0"),
    "addresses": OFFICE,
    "IPv6 addresses": Peer.cidr("office-v6", "2001:db8::/48"),
    "a prefix list": Peer.prefix_list("lab", "pl-01234567"),
    "addresses known later": Peer.ipv4("subnet", "${aws_subnet.x.cidr_block}"),
}
GROUPS_ALONE = {"etcd", "controlplane", "worker", "another cluster's etcd", "a group by id"}


@pytest.mark.parametrize("who", OF)
@pytest.mark.parametrize(
    ("port", "code", "may"),
    [
        ("2379/tcp", "etcd-exposed", {"etcd", "controlplane"}),
        ("2380/tcp", "etcd-exposed", {"etcd", "controlplane"}),
        ("2000-2379/tcp", "etcd-exposed", {"etcd", "controlplane"}),
        ("2380-9000/tcp", "etcd-exposed", {"etcd", "controlplane"}),
        ("10250/tcp", "kubelet-exposed", GROUPS_ALONE),
        ("8472/udp", "overlay-exposed", GROUPS_ALONE),
        ("all/udp", "overlay-exposed", GROUPS_ALONE),
        ("2378/tcp", "", set(OF)),
        ("2381/tcp", "", set(OF)),
        ("2379-2380/udp", "", set(OF)),
        ("10249/tcp", "", set(OF)),
        ("10251/tcp", "", set(OF)),
        ("8472/tcp", "", set(OF)),
        ("8/icmp", "", set(OF)),
    ],
)
def test_protected_ports_are_for_those_whom_the_table_names(port: str, code: str, may: set[str], who: str) -> None:
    for group in (ETCD, WORKER):
        found = exposed(RKE1, RuleSet.of((), [Rule(group, "ingress", Port.parse(port), OF[who])]))
        expected = [] if who in may else [(code, "error", str(group))]
        assert [(finding.code, finding.severity, finding.place) for finding in found] == expected
        assert exposed(RKE1, RuleSet.of((), [Rule(group, "egress", Port.parse(port), OF[who])])) == ()


def test_a_rule_for_everything_exposes_all_that_is_protected() -> None:
    found = exposed(RKE1, RuleSet.of((), [Rule(ETCD, "ingress", Port.all(), OFFICE)]))
    assert [finding.code for finding in found] == ["etcd-exposed", "kubelet-exposed", "overlay-exposed"]
    assert found[0].sentence == "a/etcd lets in office (203.0.113.0/24) on all, which holds etcd 2379-2380/tcp."
    assert found[0].fix.endswith(": let in nobody but etcd and controlplane of the same cluster.")
    assert found[1].fix.endswith(": let in nobody but security groups.")


def test_of_a_group_by_id_nobody_knows_the_cluster_so_etcd_is_exposed() -> None:
    some = [Rule("sg-01234567", "ingress", Port.tcp(2379), OF["etcd"])]
    assert [finding.code for finding in exposed(RKE1, RuleSet.of((), some))] == ["etcd-exposed"]


def test_a_value_known_later_is_not_shown() -> None:
    some = [Rule(ETCD, "ingress", Port.tcp(10250), OF["addresses known later"])]
    (finding,) = exposed(RKE1, RuleSet.of((), some))
    assert finding.sentence == "a/etcd lets in subnet on 10250/tcp, which holds kubelet 10250/tcp."


# The whole world.

ROW = Requirement("row", "worker", "ingress", (HTTPS,), ("worker", "people", "staff"), "w", "s")
TABLE = Table(
    "d", "D", "s", "x", {"people": Slot("people", "All", world=True), "staff": Slot("staff", "Some")}, {}, (ROW,)
)


def _world(*some: Rule, **slots: tuple[Peer, ...]) -> tuple[Finding, ...]:
    return open_to_the_world(TABLE, Deployment(Choices("x"), {}, slots), RuleSet.of((), some))


@st.composite
def partitions(draw: st.DrawFn) -> list[Network]:
    """All addresses of a family, cut in two again and again at random places."""
    blocks: list[Network] = [ipaddress.ip_network(draw(st.sampled_from(["0.0.0.0/0", "::/0"])))]
    for _ in range(draw(st.integers(0, 12))):
        block = blocks.pop(draw(st.integers(0, len(blocks) - 1)))
        blocks += list(block.subnets()) if block.prefixlen < block.max_prefixlen else [block]
    return draw(st.permutations(blocks))


def _over_rules(blocks: list[Network]) -> list[Rule]:
    return [Rule(WORKER, "ingress", HTTPS, Peer.cidr(f"b-{index}", str(block))) for index, block in enumerate(blocks)]


@given(partitions())
def test_all_blocks_together_are_the_world_however_it_was_cut(blocks: list[Network]) -> None:
    (finding,) = _world(*_over_rules(blocks))
    assert (finding.code, finding.severity, finding.place) == ("open-to-the-world", "error", "a/worker")
    family = "IPv4" if blocks[0].version == 4 else "IPv6"
    assert finding.sentence.startswith(f"a/worker lets in every public {family} address on 443/tcp (by b-0")
    assert all(f"b-{index}" in finding.sentence for index in range(len(blocks)))


def _has_public_addresses(block: Network) -> bool:
    # Python knows of its own what is public.
    some = (block[0], block[block.num_addresses // 2], block[-1])
    return any(a.is_global and not a.is_multicast and not a.is_reserved for a in some)


@given(partitions(), st.data())
def test_without_a_block_of_public_addresses_it_is_not_the_world(blocks: list[Network], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(blocks))
    assume(_has_public_addresses(gone))
    # Other blocks twice over: as many addresses as the world has, and one block is missing still.
    rest = [block for block in blocks if block != gone]
    halves = [half for block in rest if block.prefixlen < block.max_prefixlen for half in block.subnets()]
    assert not _world(*_over_rules([*rest, *halves]))


@pytest.mark.parametrize(
    "blocks",
    [
        # Without the networks for private use, tests, multicast and such.
        ["2000::/3"],
        ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"],
        ["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1"],
    ],
)
def test_whoever_leaves_out_what_is_not_public_lets_in_the_world(blocks: list[str]) -> None:
    assert _world(*_over_rules([ipaddress.ip_network(block) for block in blocks]))
    assert not _world(*_over_rules([ipaddress.ip_network(block) for block in blocks[:-1]]))


def test_it_is_open_on_the_ports_that_every_address_has_and_no_others() -> None:
    low, high = Peer.cidr("low", "0.0.0.0/1"), Peer.cidr("high", "128.0.0.0/1")
    some = [Rule(WORKER, "ingress", Port.tcp_range(1, 9), low), Rule(WORKER, "ingress", Port.tcp_range(5, 20), high)]
    (finding,) = _world(*some)
    assert finding.sentence == "a/worker lets in every public IPv4 address on 5-9/tcp (by low, high)."
    assert not _world(some[0], Rule(WORKER, "ingress", Port.udp_range(1, 9), high))
    assert not _world(some[0], Rule(ETCD, "ingress", Port.tcp_range(1, 9), high))


def test_egress_and_peers_without_known_addresses_are_not_the_world() -> None:
    others = (*_rules(WORKER, "egress", *ANYWHERE), *_rules(WORKER, "ingress", *OF.values()))
    assert not _world(*others)


def test_every_address_may_stand_in_a_slot_meant_for_it_and_in_no_other() -> None:
    world = ANYWHERE[0]
    rule = Rule(WORKER, "ingress", HTTPS, world, ("row",))
    assert not _world(rule, people=(world,))
    assert _world(rule, staff=(world,))
    assert _world(Rule(WORKER, "ingress", HTTPS, world, ("other",)), people=(world,))
    assert _world(Rule(WORKER, "ingress", HTTPS, world), people=(world,))


def test_default_peers_of_a_slot_meant_for_the_world_are_meant_too() -> None:
    slot = Slot("people", "All", ANYWHERE, world=True)
    table = Table("d", "D", "s", "x", {"people": slot, "staff": Slot("staff", "Some")}, {}, (ROW,))
    some = RuleSet.of((), [Rule(WORKER, "ingress", HTTPS, peer, ("row",)) for peer in ANYWHERE])
    assert not open_to_the_world(table, Deployment(Choices("x"), {}), some)
    assert len(open_to_the_world(table, Deployment(Choices("x"), {}, {"people": (OFFICE,)}), some)) == 2


# Superfluous rules.


def _holds(wide: Peer, narrow: Peer) -> bool:
    if wide.kind is not narrow.kind or not wide.is_known or not narrow.is_known:
        return False
    if wide.kind is PeerKind.IPV4:
        return ipaddress.IPv4Network(narrow.value).subnet_of(ipaddress.IPv4Network(wide.value))
    if wide.kind is PeerKind.IPV6:
        return ipaddress.IPv6Network(narrow.value).subnet_of(ipaddress.IPv6Network(wide.value))
    return wide.value == narrow.value


def _admits(port: Port) -> set[tuple[str, int]]:
    """What a port admits, of a few points that tell the ports of these tests apart."""
    if port.protocol == "-1":
        return {("tcp", number) for number in range(8)} | {("47", 0)}
    return {("47", 0)} if port.first is None else {(port.protocol, n) for n in range(port.first, (port.last or 0) + 1)}


@given(st.lists(rules(), max_size=12, unique_by=lambda rule: rule.identity))
def test_a_rule_is_superfluous_where_one_other_rule_allows_all_of_it(some: list[Rule]) -> None:
    some = [rule for rule in some if rule.port.protocol in ("tcp", "47", "-1")]
    judged = [rule for rule in some if (rule.direction, rule.port.protocol) != ("egress", "-1")]
    expected = [
        f"{rule.group}: {rule.direction} {rule.port} {'from' if rule.direction == 'ingress' else 'to'} {rule.peer} "
        for rule in judged
        if any(
            other is not rule
            and (other.group, other.direction) == (rule.group, rule.direction)
            and _holds(other.peer, rule.peer)
            and _admits(other.port) >= _admits(rule.port)
            for other in judged
        )
    ]
    found = redundant_rules(RuleSet.of(GROUPS, some))
    assert sorted(finding.sentence.partition("opens nothing")[0] for finding in found) == sorted(expected)
    assert {(finding.code, finding.severity) for finding in found} <= {("redundant-rule", "info")}


def test_the_rule_that_makes_another_superfluous_is_named() -> None:
    hall = Peer.cidr("hall", "203.0.113.128/25")
    some = [Rule(ETCD, "egress", HTTPS, hall), Rule(ETCD, "egress", Port.tcp_range(1, 1000), OFFICE)]
    (finding,) = redundant_rules(RuleSet.of((), some))
    assert finding.place == "a/etcd"
    assert finding.sentence == ("a/etcd: egress 443/tcp to hall opens nothing that 1-1000/tcp to office does not.")


def test_all_egress_makes_no_documented_rule_superfluous() -> None:
    some = [*(Rule(ETCD, "egress", Port.all(), peer) for peer in ANYWHERE), *_rules(ETCD, "egress", OFFICE)]
    assert not redundant_rules(RuleSet.of((), some))
    ingress = [Rule(ETCD, "ingress", rule.port, rule.peer) for rule in some]
    assert len(redundant_rules(RuleSet.of((), ingress))) == 1


def test_a_group_and_its_ports_are_compared_by_key() -> None:
    some = [Rule(ETCD, "ingress", HTTPS, group_peer(WORKER)), Rule(ETCD, "ingress", Port.all(), group_peer(ETCD))]
    assert not redundant_rules(RuleSet.of((), some))
    assert len(redundant_rules(RuleSet.of((), [*some, Rule(ETCD, "ingress", Port.all(), group_peer(WORKER))]))) == 1


def test_a_rule_of_the_other_direction_or_of_another_group_makes_none_superfluous() -> None:
    one = Rule(ETCD, "ingress", HTTPS, OFFICE)
    wide = Port.tcp_range(1, 1000)
    assert not redundant_rules(RuleSet.of((), [one, Rule(ETCD, "egress", wide, OFFICE)]))
    assert not redundant_rules(RuleSet.of((), [one, Rule(WORKER, "ingress", wide, OFFICE)]))
    assert len(redundant_rules(RuleSet.of((), [one, Rule(ETCD, "ingress", wide, OFFICE)]))) == 1
