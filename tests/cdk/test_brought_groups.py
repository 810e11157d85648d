"""Roles whose security groups exist already."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rancher_ports import BroughtGroup, InputError, Peer
from rancher_ports.cdk import RancherCluster, RancherPorts, RancherServer
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.readers.synthesized import read_synthesized
from tests.cdk.conftest import Synthesize
from tests.cdk.flavour import (
    App,
    AwsProvider,
    DataAwsSecurityGroup,
    LocalBackend,
    SecurityGroup,
    TerraformStack,
)
from tests.cdk.synthesis import Document, synthesized

VPC = "vpc-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
OFFICE = Peer.cidr("office", "203.0.113.0/24")
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


def _stack(app: App, name: str = "infrastructure") -> TerraformStack:
    stack = TerraformStack(app, name)
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    return stack


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """A stack with all that it needs to be synthesized."""
    return _stack(app)


def _rules(document: Document) -> dict[str, dict[str, Any]]:
    resources = document["resource"]
    return {f"{type_}.{name}": rule for type_ in (INGRESS, EGRESS) for name, rule in resources[type_].items()}


def _named(value: object, old: str, new: str) -> Any:
    return json.loads(json.dumps(value).replace(old, new))


def test_with_add_rules_everything_is_as_with_a_group_of_ours_but_the_group(synthesize: Synthesize) -> None:
    own = synthesize({})
    asked = synthesize({"groups": {"etcd": {"security_group_id": GROUP, "add_rules": True}}})
    expected = _named(own, "${aws_security_group.rancher_etcd.id}", GROUP)
    del expected["resource"]["aws_security_group"]["rancher_etcd"]
    assert asked == expected


def test_without_it_the_siblings_halves_alone_are_written(synthesize: Synthesize) -> None:
    own = synthesize({})
    quiet = synthesize({"groups": {"etcd": {"security_group_id": GROUP}}})
    assert set(quiet["resource"]["aws_security_group"]) == {"rancher_rancher", "rancher_controlplane", "rancher_worker"}
    siblings = {
        address: rule
        for address, rule in _named(_rules(own), "${aws_security_group.rancher_etcd.id}", GROUP).items()
        if rule["security_group_id"] != GROUP
    }
    assert _rules(quiet) == siblings
    assert any(rule.get("referenced_security_group_id") == GROUP for rule in siblings.values())
    assert quiet["output"]["rancher_security_group_ids"]["value"]["etcd"] == GROUP


@pytest.mark.parametrize("add_rules", [True, False])
def test_rules_of_and_with_brought_groups_read_back_under_their_ids(
    add_rules: bool, app: App, stack: TerraformStack
) -> None:
    groups = {"etcd": BroughtGroup(GROUP, add_rules), "worker": BroughtGroup("sg-01234567", add_rules)}
    ports = RancherPorts(stack, "prod", vpc_id=VPC, groups=groups, slots={"ingress_clients": [OFFICE]})
    ids: dict[GroupKey | str, str] = {GroupKey("prod", role): group.security_group_id for role, group in groups.items()}

    def by_id(rule: Rule) -> Rule:
        peer = replace(rule.peer, value=ids.get(rule.peer.value, rule.peer.value))
        return replace(rule, group=ids.get(rule.group, rule.group), peer=peer)

    read = read_synthesized(synthesized(app, "infrastructure"))
    created = [GroupKey("prod", role) for role in ("rancher", "controlplane")]
    assert read == RuleSet.of(created, map(by_id, ports.rules.rules))
    assert (GROUP in read.groups) == add_rules
    assert {rule.peer.name for rule in read.rules if rule.peer.value == GROUP} == {"etcd"}


def test_a_group_may_be_a_construct_or_an_expression(app: App, stack: TerraformStack) -> None:
    made, found = SecurityGroup(stack, "made", name="made"), DataAwsSecurityGroup(stack, "found", name="found")
    groups = {"etcd": made, "worker": found, "controlplane": BroughtGroup(made.name, add_rules=True), "rancher": GROUP}
    ports = RancherPorts(stack, "prod", vpc_id=VPC, groups=groups)
    assert ports.security_group_id("rancher") == GROUP
    SecurityGroup(stack, "probe", name="probe", tags={"ids": ",".join(ports.security_group_ids("etcd", "worker"))})
    document = synthesized(app, "infrastructure")
    ids = {"etcd": "${aws_security_group.made.id}", "worker": "${data.aws_security_group.found.id}"}
    assert document["resource"]["aws_security_group"]["probe"]["tags"]["ids"] == ",".join(ids.values())
    on = {rule["security_group_id"] for rule in _rules(document).values()}
    assert on == {"${aws_security_group.made.name}"}
    named = {rule.get("referenced_security_group_id") for rule in _rules(document).values()}
    assert {*ids.values(), GROUP} <= named
    assert set(document["resource"]["aws_security_group"]) == {"made", "probe"}
    output = document["output"]["prod_security_group_ids"]["value"]
    assert output == {**ids, "controlplane": "${aws_security_group.made.name}", "rancher": GROUP}


@pytest.mark.parametrize("add_rules", [True, False])
def test_a_cluster_writes_on_a_group_brought_for_its_server_if_the_server_was_given_it_so(
    add_rules: bool, app: App, stack: TerraformStack
) -> None:
    server = RancherServer(
        stack,
        "central",
        vpc_id=VPC,
        groups={"rancher": BroughtGroup(GROUP, add_rules)},
        slots={"ui_api_clients": [OFFICE], "git_rancher_io": []},
    )
    cluster = RancherCluster(stack, "prod", server=server)
    assert cluster.security_group_id("rancher") == GROUP
    rules = _rules(synthesized(app, "infrastructure"))
    on_server = {address.partition(".")[2] for address, rule in rules.items() if rule["security_group_id"] == GROUP}
    from_cluster = {f"prod_rancher_from_{role}_tcp_443" for role in ("etcd", "controlplane", "worker")}
    assert on_server == ({*from_cluster, "central_rancher_from_office_tcp_443"} if add_rules else set())
    to_server = {address for address, rule in rules.items() if rule.get("referenced_security_group_id") == GROUP}
    assert to_server == {f"{EGRESS}.prod_{role}_to_rancher_tcp_443" for role in ("etcd", "controlplane", "worker")}
    lacking = {
        finding.sentence.partition(" but needs ")[2]
        for construct in (server, cluster)
        for finding in construct.findings()
        if finding.code == "brought-group"
    }
    assert lacking == (
        set()
        if add_rules
        else {
            "ingress 443/tcp from office (203.0.113.0/24).",
            "ingress 443/tcp from controlplane, ingress 443/tcp from etcd, ingress 443/tcp from worker.",
        }
    )
    assert "one-sided" not in {finding.code for finding in cluster.findings()}


def test_a_cluster_needs_no_provider_for_a_servers_group_on_which_it_writes_nothing(app: App) -> None:
    there, here = _stack(app, "there"), _stack(app, "here")
    west = AwsProvider(there, "west", alias="west", region="us-west-2")
    server = RancherServer(there, "central", vpc_id=VPC, provider=west, groups={"rancher": f"123456789012/{GROUP}"})
    RancherCluster(here, "prod", server=server)
    rules = _rules(synthesized(app, "here"))
    assert not any("_rancher_from_" in address for address in rules)
    assert rules[f"{EGRESS}.prod_etcd_to_rancher_tcp_443"]["referenced_security_group_id"] == f"123456789012/{GROUP}"
    asked = RancherServer(there, "asked", vpc_id=VPC, provider=west, groups={"rancher": BroughtGroup(GROUP, True)})
    with pytest.raises(InputError, match="late.server_provider"):
        RancherCluster(here, "late", server=asked)


def test_rules_on_a_brought_group_have_the_provider_of_the_construct_and_move_with_it(
    app: App, stack: TerraformStack
) -> None:
    west = AwsProvider(stack, "west", alias="west", region="us-west-2")
    groups = {"rancher": BroughtGroup(GROUP, add_rules=True)}
    slots = {"ui_api_clients": [OFFICE], "git_rancher_io": []}
    RancherServer(stack, "central", vpc_id=VPC, provider=west, groups=groups, slots=slots, moved_from="old")
    document = synthesized(app, "infrastructure")
    (rule,) = document["resource"][INGRESS].values()
    assert (rule["provider"], rule["security_group_id"]) == ("aws.west", GROUP)
    (move,) = document["moved"]
    assert move["from"] == f"{INGRESS}.old_rancher_from_office_tcp_443"
    assert move["to"] == f"{INGRESS}.central_rancher_from_office_tcp_443"


def test_the_address_of_a_brought_group_is_free(app: App, stack: TerraformStack) -> None:
    mine = SecurityGroup(stack, "prod_etcd", name="mine")
    RancherPorts(stack, "prod", vpc_id=VPC, groups={"etcd": mine})
    assert synthesized(app, "infrastructure")["resource"]["aws_security_group"]["prod_etcd"]["name"] == "mine"


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([GROUP], "prod.groups: .* expected a mapping from roles to groups"),
        ({"etdc": GROUP}, 'prod.groups: "etdc": expected one of rancher, .* did you mean "etcd"'),
        ({"etcd": "sg-1"}, 'prod.groups.etcd.security_group_id: "sg-1": expected a security group id'),
        ({"etcd": None}, "prod.groups.etcd.security_group_id: null: expected a security group id"),
        ({"etcd": OFFICE}, "prod.groups.etcd.security_group_id: .* expected a security group id"),
        ({"etcd": GROUP, "worker": GROUP}, rf'prod.groups.worker: "{GROUP}": .* \(etcd has it already\)'),
    ],
)
def test_a_group_at_fault_is_refused_before_anything_is_built(groups: Any, said: str, stack: TerraformStack) -> None:
    with pytest.raises(InputError, match=said):
        RancherPorts(stack, "prod", vpc_id=VPC, groups=groups)
    assert not [child for child in stack.node.children if child.node.id == "prod"]


def test_a_group_of_the_other_side_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(InputError, match='central.groups: "etcd": expected one of rancher$'):
        RancherServer(stack, "central", vpc_id=VPC, groups={"etcd": GROUP})
    server = RancherServer(stack, "central", vpc_id=VPC, groups={"rancher": GROUP})
    with pytest.raises(InputError, match='prod.groups: "rancher": expected one of etcd, controlplane, worker$'):
        RancherCluster(stack, "prod", server=server, groups={"rancher": GROUP})
    with pytest.raises(InputError, match=rf'prod.groups.etcd: "{GROUP}": .* \(rancher has it already\)'):
        RancherCluster(stack, "prod", server=server, groups={"etcd": GROUP})


@pytest.mark.parametrize("add_rules", [True, False])
def test_a_peer_that_is_a_brought_group_is_refused(add_rules: bool, stack: TerraformStack) -> None:
    alb = Peer.security_group("alb", GROUP)
    groups = {"rancher": BroughtGroup(GROUP, add_rules)}
    with pytest.raises(InputError, match=rf'prod.slots.alb: "{GROUP}": expected one name for one value'):
        RancherPorts(stack, "prod", vpc_id=VPC, groups=groups, slots={"load_balancer": [alb]})
