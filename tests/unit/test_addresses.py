"""Addresses: one function makes them, and each reads one way only."""

from __future__ import annotations

import pytest
from hypothesis import given

from rancher_ports.errors import InputError
from rancher_ports.model.addresses import RuleName, address, read_rule_name
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.names import check_group_name_prefix, check_name
from rancher_ports.model.peers import ANYWHERE, Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule
from rancher_ports.model.templates import templates
from tests.unit.strategies import RKE1, deployments, group_peer, ports

ETCD = GroupKey("prod", "etcd")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (ETCD, "aws_security_group.prod_etcd"),
        (
            Rule(ETCD, "ingress", Port.tcp(2379), group_peer(GroupKey("prod", "controlplane"))),
            "aws_vpc_security_group_ingress_rule.prod_etcd_from_controlplane_tcp_2379",
        ),
        (
            Rule(GroupKey("central", "rancher"), "ingress", Port.tcp(443), group_peer(ETCD)),
            "aws_vpc_security_group_ingress_rule.prod_rancher_from_etcd_tcp_443",
        ),
        (
            Rule(ETCD, "egress", Port.udp_range(30000, 32767), Peer.cidr("office", "10.0.0.0/8")),
            "aws_vpc_security_group_egress_rule.prod_etcd_to_office_udp_30000-32767",
        ),
        (
            Rule(ETCD, "egress", Port.all(), ANYWHERE[0]),
            "aws_vpc_security_group_egress_rule.prod_etcd_to_anywhere-ipv4_all",
        ),
        (
            Rule(ETCD, "ingress", Port.icmp(8), Peer.cidr("office", "10.0.0.0/8")),
            "aws_vpc_security_group_ingress_rule.prod_etcd_from_office_icmp_8-0",
        ),
    ],
)
def test_addresses_are_as_documented(resource: GroupKey | Rule, expected: str) -> None:
    assert str(address(resource, "prod")) == expected


@given(ports(), deployments())
def test_a_rules_name_reads_back(port: Port, deployment: Deployment) -> None:
    for rule in fill(templates(RKE1), deployment).rules[:5]:
        changed = Rule(rule.group, rule.direction, port, rule.peer)
        assert isinstance(rule.group, GroupKey)
        name = address(changed, "my-prod").name
        assert read_rule_name(name) == RuleName("my-prod", rule.group.role, rule.direction, rule.peer.name, port)


@given(deployments())
def test_no_two_rules_have_one_address(deployment: Deployment) -> None:
    rules = fill(templates(RKE1), deployment).rules
    assert len({address(rule, "prod") for rule in rules}) == len(rules)


@pytest.mark.parametrize(
    "name",
    ["", "prod_etcd", "prod_etcd_from_office", "prod_etcd_via_office_tcp_1", "prod_etc_from_office_tcp_1"]
    + [
        "prod_etcd_from_office_tcp_99999",
        "prod_etcd_from_office_gre_1",
        "Prod_etcd_from_office_tcp_1",
        "x_prod_etcd_from_a_tcp_1",
    ],
)
def test_a_name_that_is_not_ours_is_not_read(name: str) -> None:
    assert read_rule_name(name) is None


def test_a_rule_on_a_group_of_no_role_has_no_address() -> None:
    with pytest.raises(TypeError):
        address(Rule("sg-01234567", "ingress", Port.tcp(1), ANYWHERE[0]), "prod")


@pytest.mark.parametrize("prefix", ["", "Prod", "my_prod", "1prod", "prod.", None, 3, "p" * 64])
def test_a_prefix_outside_the_grammar_is_refused(prefix: object) -> None:
    with pytest.raises(InputError, match="prefix"):
        check_name(prefix, "prefix")


@pytest.mark.parametrize("prefix", ["prod", "Prod EU/1 (a,b) #@[]+=&;{}!$*", "x" * 215])
def test_a_group_name_may_be_what_ec2_takes(prefix: str) -> None:
    check_group_name_prefix(prefix, "group_name_prefix")


@pytest.mark.parametrize("prefix", ["", "sg-prod", "SG-prod", " prod", "prod%", "büro", "x" * 216, None, 3, "a\nb"])
def test_a_group_name_that_ec2_refuses_is_refused(prefix: object) -> None:
    with pytest.raises(InputError, match="group_name_prefix: .* expected at most 215 characters"):
        check_group_name_prefix(prefix, "group_name_prefix")
