"""Quotas: what AWS allows, and how it counts."""

from __future__ import annotations

from typing import Any

import pytest

from rancher_ports.audit import over_quota, unknown_entries
from rancher_ports.errors import InputError
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas, count_rules
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule, RuleSet

ETCD, RANCHER = GroupKey("prod", "etcd"), GroupKey("central", "rancher")
IPV4, IPV6 = PeerKind.IPV4, PeerKind.IPV6
LIST = "pl-0123456789abcdef0"


def _rules(peers: list[Peer], group: GroupKey = ETCD, direction: Direction = "ingress") -> list[Rule]:
    return [Rule(group, direction, Port.tcp(443), peer) for peer in peers]


# By hand, from the user guide: rules with an IPv4 block count for IPv4, with an IPv6 block for IPv6, references to
# groups and prefix lists for both, and a prefix list as its maximum entries.
@pytest.mark.parametrize(
    ("peer", "ipv4", "ipv6"),
    [
        (Peer.cidr("a", "10.0.0.0/8"), 1, 0),
        (Peer.cidr("a", "2001:db8::/32"), 0, 1),
        (Peer.ipv6("a", "${var.block}"), 0, 1),
        (Peer.security_group("a", "sg-01234567"), 1, 1),
        (Peer("etcd", PeerKind.GROUP, ETCD), 1, 1),
        (Peer.prefix_list("a", LIST, max_entries=20), 20, 20),
        (Peer.prefix_list("a", LIST), 1, 1),
    ],
)
def test_a_rule_counts_as_aws_counts_it(peer: Peer, ipv4: int, ipv6: int) -> None:
    counts = count_rules(_rules([peer]))
    assert (counts.get((ETCD, "ingress", IPV4), 0), counts.get((ETCD, "ingress", IPV6), 0)) == (ipv4, ipv6)
    assert not any(direction == "egress" for _, direction, _ in counts)


def test_groups_directions_and_families_count_for_themselves() -> None:
    peers = [Peer.cidr(f"a{index}", f"10.{index}.0.0/16") for index in range(60)]
    blocks = [Peer.cidr(f"b{index}", f"2001:db8:{index:x}::/48") for index in range(60)]
    full = [*_rules(peers), *_rules(blocks), *_rules(peers, direction="egress"), *_rules(peers, RANCHER)]
    assert over_quota(RuleSet.of((), full), Quotas()) == ()
    for more, says in (
        (_rules([Peer.cidr("more", "192.168.0.0/16")]), "prod/etcd has 61 ingress rules for IPv4"),
        (_rules([Peer.cidr("more", "2001:db9::/48")]), "prod/etcd has 61 ingress rules for IPv6"),
        (_rules([Peer.cidr("more", "192.168.0.0/16")], direction="egress"), "prod/etcd has 61 egress rules for IPv4"),
    ):
        rules = RuleSet.of((), [*full, *more])
        assert [says in finding.sentence for finding in over_quota(rules, Quotas())] == [True]
        assert over_quota(rules, Quotas(rules_per_group=61)) == ()
    both = over_quota(RuleSet.of((), [*full, *_rules([Peer.security_group("alb", "sg-01234567")])]), Quotas())
    assert [finding.sentence.partition(" for ")[2][:4] for finding in both] == ["IPv4", "IPv6"]


def test_only_a_server_is_told_of_an_agents_group() -> None:
    for group, told in ((RANCHER, True), (ETCD, False)):
        rules = RuleSet.of((), _rules([Peer.prefix_list("list", LIST, max_entries=61)], group))
        assert {"AgentsGroup" in finding.fix for finding in over_quota(rules, Quotas())} == {told}


def test_a_prefix_list_of_unknown_size_is_told_of() -> None:
    known, unknown = Peer.prefix_list("known", LIST, max_entries=2), Peer.prefix_list("unknown", "pl-01234567")
    rules = RuleSet.of((), [*_rules([known, unknown]), *_rules([unknown], RANCHER)])
    assert [(finding.code, finding.place) for finding in unknown_entries(rules)] == [("unknown-entries", "unknown")]


@pytest.mark.parametrize(
    ("quotas", "said"),
    [
        ({"rules_per_group": 0}, "rules_per_group: 0: expected a whole number of 1 to 1000"),
        ({"rules_per_group": True}, "rules_per_group: true"),
        ({"rules_per_group": "60"}, 'rules_per_group: "60"'),
        ({"groups_per_interface": 17}, "groups_per_interface: 17: expected a whole number of 1 to 16"),
        ({"rules_per_group": 201}, '"201 x 5": expected at most 1000 rules for an interface: at most 200'),
        ({"groups_per_interface": 16, "rules_per_group": 63}, '"63 x 16": .* at most 62'),
    ],
)
def test_quotas_that_aws_does_not_give_are_refused(quotas: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Quotas(**quotas)


@pytest.mark.parametrize(("rules", "groups"), [(60, 5), (60, 16), (200, 5), (1000, 1), (62, 16)])
def test_quotas_that_aws_gives_are_taken(rules: int, groups: int) -> None:
    assert Quotas(rules, groups).rules_per_group == rules
