"""Quotas: what AWS gives, and how it counts."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas, count_rules
from rancher_ports.model.roles import DIRECTIONS, Direction, GroupKey
from rancher_ports.model.rules import Rule
from tests.unit.strategies import group_peer

ETCD = GroupKey("a", "etcd")
# Each peer, and what it counts for IPv4 and for IPv6 (Amazon VPC user guide, "Amazon VPC quotas").
COUNTED: tuple[tuple[Peer, int, int], ...] = (
    (Peer.cidr("office", "203.0.113.0/24"), 1, 0),
    (Peer.cidr("office-v6", "2001:db8::/48"), 0, 1),
    (Peer.ipv4("later", "${aws_subnet.x.cidr_block}"), 1, 0),
    (Peer.security_group("alb", "sg-01234567"), 1, 1),
    (group_peer(ETCD), 1, 1),
    (Peer.prefix_list("mirrors", "pl-01234567", max_entries=20), 20, 20),
    (Peer.prefix_list("one", "pl-01234569", max_entries=1), 1, 1),
    (Peer.prefix_list("unknown", "pl-01234568"), 1, 1),
)


@given(st.lists(st.tuples(st.sampled_from(COUNTED), st.sampled_from(["ingress", "egress"]), st.booleans())))
def test_rules_are_counted_as_aws_counts_them(some: list[tuple[tuple[Peer, int, int], Direction, bool]]) -> None:
    counts = count_rules(Rule(ETCD if ours else "sg-01234567", way, Port.tcp(1), row[0]) for row, way, ours in some)
    groups: tuple[GroupKey | str, ...] = (ETCD, "sg-01234567")
    for group, direction in product(groups, DIRECTIONS):
        here = [row for row, way, ours in some if way == direction and ours == (group == ETCD)]
        assert counts.get((group, direction, PeerKind.IPV4), 0) == sum(row[1] for row in here)
        assert counts.get((group, direction, PeerKind.IPV6), 0) == sum(row[2] for row in here)


def test_unless_aws_raised_them_quotas_are_as_documented() -> None:
    assert (Quotas().rules_per_group, Quotas().groups_per_interface) == (60, 5)


@pytest.mark.parametrize(("a_group", "groups"), [(1, 1), (1000, 1), (200, 5), (62, 16), (500, 2), (333, 3)])
def test_what_aws_gives_is_taken(a_group: int, groups: int) -> None:
    assert Quotas(a_group, groups) == Quotas(rules_per_group=a_group, groups_per_interface=groups)


@pytest.mark.parametrize(("a_group", "groups", "most"), [(201, 5, 200), (63, 16, 62), (501, 2, 500), (1000, 3, 333)])
def test_no_interface_has_more_than_a_thousand_rules(a_group: int, groups: int, most: int) -> None:
    with pytest.raises(InputError, match=f'"{a_group} x {groups}".*at most {most} for a group here'):
        Quotas(a_group, groups)


@pytest.mark.parametrize(
    ("a_group", "groups", "places"),
    [
        (0, 5, ["rules_per_group"]),
        (1001, 1, ["rules_per_group"]),
        (60, 17, ["groups_per_interface"]),
        (60, 0, ["groups_per_interface"]),
        (True, "5", ["rules_per_group", "groups_per_interface"]),
        (60.0, None, ["rules_per_group", "groups_per_interface"]),
    ],
)
def test_numbers_that_aws_does_not_give_are_refused(a_group: int, groups: int, places: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        Quotas(a_group, groups)
    assert [fault.place for fault in refused.value.faults] == places
