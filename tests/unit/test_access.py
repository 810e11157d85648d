"""Access: laws, and equality with brute force."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.model.access import Access, access
from rancher_ports.model.intervals import difference, intersection, union
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from tests.unit.strategies import GROUPS, PEERS, group_peer, rules

rule_sets = st.lists(rules(), max_size=8)
numbers = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda ends: (min(ends), max(ends))), max_size=5
)
ETCD, WORKER = GroupKey("a", "etcd"), GroupKey("a", "worker")

PROBES = [Port.tcp(port) for port in range(8)] + [Port.udp(3), Port.icmp(8), Port("47")]
ADDRESSES = [
    "10.0.0.0",
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.4",
    "9.255.255.255",
    "192.0.2.1",
    "2001:db8::3",
    "::1",
]


def _set(some: list[Rule]) -> RuleSet:
    return RuleSet.of(GROUPS, some)


@given(numbers, numbers)
def test_intervals_are_sets(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    def members(intervals: object) -> set[int]:
        return {number for first, last in intervals for number in range(first, last + 1)}  # type: ignore[attr-defined]  # intervals

    one, other = union(left), union(right)
    assert members(one) == members(left)
    assert members(intersection(one, other)) == members(left) & members(right)
    assert members(difference(one, other)) == members(left) - members(right)
    for result in (one, intersection(one, other), difference(one, other)):
        assert all(first <= last for first, last in result)
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(one))


def _admits(rule: Rule, other: GroupKey | str, port: Port, family: PeerKind) -> bool:
    """Brute force: one rule, one other end, one port; knows no spans and no intervals."""
    mine = rule.port
    if mine.protocol != "-1":
        if mine.protocol != port.protocol:
            return False
        if mine.protocol in ("tcp", "udp") and not (mine.first or 0) <= (port.first or 0) <= (mine.last or 0):
            return False
        if mine.protocol == "icmp" and not (mine.first in (-1, port.first) and mine.last in (-1, port.last)):
            return False
    if rule.peer.kind is PeerKind.GROUP:
        return rule.peer.value == other
    if rule.peer.kind is not family or not rule.peer.is_known:
        return False
    network = ipaddress.ip_network(str(rule.peer.value))
    if isinstance(other, GroupKey) or other.startswith("sg-"):
        return network.prefixlen == 0
    return ipaddress.ip_address(other) in network


def _ends(some: list[Rule]) -> Iterator[tuple[GroupKey | str, GroupKey | str, Port, bool]]:
    def end(group: GroupKey | str, direction: str, other: GroupKey | str, port: Port, family: PeerKind) -> bool:
        mine = [rule for rule in some if rule.group == group and rule.direction == direction]
        return any(_admits(rule, other, port, family) for rule in mine)

    families = (PeerKind.IPV4, PeerKind.IPV6)
    for port in PROBES:
        for one in GROUPS:
            for other in GROUPS:
                passes = any(
                    end(one, "egress", other, port, family) and end(other, "ingress", one, port, family)
                    for family in families
                )
                yield one, other, port, passes
            for address in ADDRESSES:
                family = PeerKind.IPV6 if ":" in address else PeerKind.IPV4
                yield one, address, port, end(one, "egress", address, port, family)
                yield address, one, port, end(one, "ingress", address, port, family)


def _without_halves(some: list[Rule]) -> list[Rule]:
    # Two halves of all addresses count as all; brute force rule by rule cannot see that.
    return [rule for rule in some if rule.peer.value not in ("0.0.0.0/1", "128.0.0.0/1")]


@given(rule_sets)
def test_access_is_what_brute_force_finds(some: list[Rule]) -> None:
    some = _without_halves(some)
    allowed = access(_set(some))
    for source, destination, port, passes in _ends(some):
        assert allowed.allows(source, destination, port) == passes, (source, destination, port)


@st.composite
def _blocks_that_meet(draw: st.DrawFn) -> list[tuple[ipaddress.IPv4Network, int, int]]:
    """Blocks among the first and the last sixteen addresses, each with a range of ports."""
    found = []
    for _ in range(draw(st.integers(1, 8))):
        bits = draw(st.integers(0, 4))
        first = draw(st.sampled_from([0, 2**32 - 16])) + draw(st.integers(0, 15)) // 2**bits * 2**bits
        low, high = sorted((draw(st.integers(0, 5)), draw(st.integers(0, 5))))
        found.append((ipaddress.IPv4Network((first, 32 - bits)), low, high))
    return found


@given(_blocks_that_meet())
def test_each_address_may_what_the_blocks_that_hold_it_say(
    blocks: list[tuple[ipaddress.IPv4Network, int, int]],
) -> None:
    some = [Rule(ETCD, "ingress", Port.tcp_range(low, high), Peer.cidr("x", str(block))) for block, low, high in blocks]
    allowed = access(_set(some))
    for number in (*range(17), 2**31, *range(2**32 - 17, 2**32)):
        address = ipaddress.IPv4Address(number)
        may = {port for block, low, high in blocks if address in block for port in range(low, high + 1)}
        assert {port for port in range(7) if allowed.allows(str(address), ETCD, Port.tcp(port))} == may, address
    parts = allowed.outside[ETCD, "ingress", PeerKind.IPV4]
    assert parts[0][0] == 0
    assert all(first < later < 2**32 and points != others for (first, points), (later, others) in pairwise(parts))


def test_half_the_addresses_twice_are_all_addresses() -> None:
    halves = [Peer.cidr("low", "0.0.0.0/1"), Peer.cidr("high", "128.0.0.0/1")]
    whole = [Rule(ETCD, "egress", Port.tcp(443), ANYWHERE[0])]
    split = [Rule(ETCD, "egress", Port.tcp(443), half) for half in halves]
    assert access(_set(split)) == access(_set(whole))
    assert access(_set(split)).allows_anywhere(ETCD, "egress", Port.tcp(443))
    assert not access(_set(split[:1])).allows_anywhere(ETCD, "egress", Port.tcp(443))
    assert not access(_set(split)).allows_anywhere(ETCD, "egress", Port.tcp_range(443, 444))
    assert not access(_set([])).allows_anywhere(ETCD, "egress", Port.tcp(443))


@given(rule_sets, st.randoms(use_true_random=False))
def test_splitting_merging_repeating_and_reordering_change_nothing(some: list[Rule], random: object) -> None:
    changed: list[Rule] = []
    for rule in some:
        port = rule.port
        if port.protocol in ("tcp", "udp") and port.first != port.last:
            assert port.first is not None
            changed += [replace(rule, port=Port(port.protocol, port.first, port.first))]
            changed += [replace(rule, port=Port(port.protocol, port.first + 1, port.last))]
        elif port.protocol == "icmp" and port.last == -1 and port.first != -1:
            changed += [replace(rule, port=Port("icmp", port.first, code)) for code in range(256)]
        elif rule.peer.value == "10.0.0.0/30":
            blocks = [Peer.cidr("low-half", "10.0.0.0/31"), Peer.cidr("high-half", "10.0.0.2/31")]
            changed += [replace(rule, peer=block) for block in blocks]
        else:
            changed += [rule, replace(rule, description="again", because=("x",))]
    random.shuffle(changed)  # type: ignore[attr-defined]  # a Random
    assert access(_set(changed)) == access(_set(some))


@given(rule_sets, rule_sets, rule_sets)
def test_widening_is_a_partial_order(some: list[Rule], more: list[Rule], most: list[Rule]) -> None:
    one, two, three = (access(_set(rules)) for rules in (some, some + more, some + more + most))
    other = access(_set(more))
    assert one <= one
    assert one <= two <= three
    assert one <= three
    if one <= other <= one:
        assert one == other
    if two <= one:
        assert two == one


@given(rule_sets, rules())
def test_what_a_rule_more_allows_is_not_within_what_was(some: list[Rule], rule: Rule) -> None:
    before, after = access(_set(some)), access(_set([*some, rule]))
    assert (after <= before) == (after == before)


def _allowed(some: list[Rule]) -> Access:
    return access(_set(some))


def test_both_ends_have_to_agree_between_groups() -> None:
    leaves = Rule(ETCD, "egress", Port.tcp_range(1, 3), group_peer(WORKER))
    enters = Rule(WORKER, "ingress", Port.tcp_range(3, 5), group_peer(ETCD))
    assert not _allowed([leaves]).allows(ETCD, WORKER, Port.tcp(3))
    assert not _allowed([enters]).allows(ETCD, WORKER, Port.tcp(3))
    both = _allowed([leaves, enters])
    assert [port for port in range(7) if both.allows(ETCD, WORKER, Port.tcp(port))] == [3]
    assert not both.allows(WORKER, ETCD, Port.tcp(3))
    assert not both.allows(ETCD, WORKER, Port.tcp_range(3, 4))


def test_one_family_on_each_end_does_not_meet() -> None:
    leaves = Rule(ETCD, "egress", Port.tcp(1), ANYWHERE[0])
    enters = Rule(WORKER, "ingress", Port.tcp(1), ANYWHERE[1])
    assert not _allowed([leaves, enters]).allows(ETCD, WORKER, Port.tcp(1))
    assert _allowed([leaves, replace(enters, peer=ANYWHERE[0])]).allows(ETCD, WORKER, Port.tcp(1))


@pytest.mark.parametrize("name", ["mirrors", "alb", "peered", "made-later"])
def test_peers_of_whom_nothing_is_known_count_by_themselves(name: str) -> None:
    (peer,) = [peer for peer in PEERS if peer.name == name]
    groups = (ETCD, WORKER)
    one = access(RuleSet.of(groups, [Rule(ETCD, "ingress", Port.tcp(1), peer)]))
    two = access(RuleSet.of(groups, [Rule(ETCD, "ingress", Port.tcp_range(1, 2), peer)]))
    assert one <= two
    assert not two <= one
    assert one.others == {(ETCD, "ingress", (peer.kind, str(peer.value))): (Port.tcp(1).span,)}
    assert not one.between
    assert not one.outside


def test_between_two_addresses_nothing_of_ours_is_concerned() -> None:
    assert not _allowed([Rule(ETCD, "egress", Port.all(), ANYWHERE[0])]).allows("10.0.0.1", "10.0.0.2", Port.tcp(1))


def test_egress_everywhere_reaches_every_address_and_no_group_that_is_not_known() -> None:
    allowed = _allowed([Rule(ETCD, "egress", Port.tcp_range(1, 2), ANYWHERE[0])])
    assert allowed.allows(ETCD, "10.0.0.1", Port.tcp(1))
    assert not allowed.allows(ETCD, "10.0.0.1", Port.tcp(3))
    assert not allowed.allows(ETCD, "2001:db8::1", Port.tcp(1))
    assert not allowed.allows(ETCD, "sg-1", Port.tcp(1))


@pytest.mark.parametrize("kind", ["mirrors", "peered", "made-later"])
def test_a_peer_beside_every_address_adds_nothing(kind: str) -> None:
    (peer,) = [peer for peer in PEERS if peer.name == kind]
    port = Port.tcp(443)
    world = [Rule(ETCD, "egress", port, anywhere) for anywhere in ANYWHERE]
    assert _allowed([*world, Rule(ETCD, "egress", port, peer)]) == _allowed(world)
    one_family = _allowed([world[0], Rule(ETCD, "egress", port, peer)])
    assert not one_family <= _allowed(world[:1])
    assert _allowed(world[:1]) <= one_family <= _allowed(world)
    alone = _allowed([Rule(ETCD, "egress", port, peer)])
    assert alone <= _allowed(world)
    assert not alone <= _allowed(world[:1])


def test_a_block_unknown_until_apply_counts_by_itself_and_is_within_its_family() -> None:
    (subnet,) = [peer for peer in PEERS if peer.name == "made-later-too"]
    alone = _allowed([Rule(ETCD, "egress", Port.tcp(443), subnet)])
    assert list(alone.others) == [(ETCD, "egress", (PeerKind.IPV4, str(subnet.value)))]
    assert alone <= _allowed([Rule(ETCD, "egress", Port.tcp(443), ANYWHERE[0])])
    assert not alone <= _allowed([Rule(ETCD, "egress", Port.tcp(443), ANYWHERE[1])])


def test_a_rule_for_a_group_of_ours_is_no_rule_for_somebody_else() -> None:
    assert not _allowed([Rule(ETCD, "egress", Port.tcp(1), group_peer(WORKER))]).others


def test_a_hole_in_the_wider_one_is_seen() -> None:
    block = _allowed([Rule(ETCD, "ingress", Port.tcp(1), Peer.cidr("block", "10.0.0.0/30"))])
    ends = [Peer.cidr("first", "10.0.0.0/32"), Peer.cidr("rest", "10.0.0.2/31")]
    holed = _allowed([Rule(ETCD, "ingress", Port.tcp(1), end) for end in ends])
    assert holed <= block
    assert not block <= holed


def test_the_last_address_counts() -> None:
    last = _allowed([Rule(ETCD, "ingress", Port.tcp(1), Peer.cidr("last", "255.255.255.255/32"))])
    assert last.allows("255.255.255.255", ETCD, Port.tcp(1))
    assert not last.allows("255.255.255.254", ETCD, Port.tcp(1))
