"""Security groups and rules read from what EC2 says of them."""

from __future__ import annotations

from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.readers.described import DescribedGroup, DescribedRule, RuleIdentity, read_groups, read_rules

TAGS = [{"Key": "rancher-ports:owner", "Value": "prod"}, {"Key": "rancher-ports:role", "Value": "etcd"}]


def _group(**changes: Any) -> dict[str, Any]:
    group = {
        "GroupId": "sg-1",
        "GroupName": "prod-etcd",
        "VpcId": "vpc-1",
        "OwnerId": "1",
        "Description": "x",
        "Tags": TAGS,
    }
    return {key: value for key, value in {**group, **changes}.items() if value is not None}


def _rule(**changes: Any) -> dict[str, Any]:
    rule = {
        "SecurityGroupRuleId": "sgr-1",
        "GroupId": "sg-1",
        "GroupOwnerId": "123456789012",
        "IsEgress": False,
        "IpProtocol": "tcp",
        "FromPort": 2379,
        "ToPort": 2380,
        "CidrIpv4": "10.0.0.0/8",
        "Tags": [{"Key": "Name", "Value": "x"}, {"Key": "empty", "Value": ""}],
    }
    return {key: value for key, value in {**rule, **changes}.items() if value is not None}


def _read(rule: dict[str, Any]) -> DescribedRule:
    (read,) = read_rules({"SecurityGroupRules": [rule]})
    return read


def test_a_group_reads_back_whole() -> None:
    arn = "arn:aws-cn:ec2:cn-north-1:123456789012:security-group/sg-1"
    (group,) = read_groups({"SecurityGroups": [_group(SecurityGroupArn=arn)], "ResponseMetadata": {}})
    tags = {"rancher-ports:owner": "prod", "rancher-ports:role": "etcd"}
    assert group == DescribedGroup("sg-1", "prod-etcd", "vpc-1", tags, "cn-north-1", "x", account="1")
    assert group.key == GroupKey("prod", "etcd")


@pytest.mark.parametrize("tags", [None, [], TAGS[:1], TAGS[1:]])
def test_a_group_without_both_of_our_tags_is_not_ours(tags: object) -> None:
    (group,) = read_groups({"SecurityGroups": [_group(Tags=tags, SecurityGroupArn="strange")]})
    assert group.key is None
    assert group.region is None


def test_a_rule_reads_back_whole() -> None:
    identity = RuleIdentity("sg-1", "ingress", Port.tcp_range(2379, 2380), PeerKind.IPV4, "10.0.0.0/8")
    assert _read(_rule()) == DescribedRule("sgr-1", identity, "123456789012", {"Name": "x", "empty": ""})
    assert str(identity) == "ingress 2379-2380/tcp from 10.0.0.0/8"
    assert str(_read(_rule(IsEgress=True)).identity) == "egress 2379-2380/tcp to 10.0.0.0/8"


@pytest.mark.parametrize(
    ("peer", "kind", "value"),
    [
        ({"CidrIpv6": "::/0"}, PeerKind.IPV6, "::/0"),
        ({"PrefixListId": "pl-1"}, PeerKind.PREFIX_LIST, "pl-1"),
        ({"ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": "123456789012"}}, PeerKind.GROUP, "sg-2"),
        ({"ReferencedGroupInfo": {"GroupId": "sg-2"}}, PeerKind.GROUP, "sg-2"),
        ({"ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": "210987654321"}}, PeerKind.GROUP, "210987654321/sg-2"),
    ],
)
def test_every_kind_of_peer_is_read(peer: dict[str, Any], kind: PeerKind, value: str) -> None:
    identity = _read(_rule(CidrIpv4=None, **peer)).identity
    assert (identity.kind, identity.peer) == (kind, value)


@pytest.mark.parametrize(
    ("changes", "port"),
    [
        ({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}, Port.all()),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}, Port.icmp(8, -1)),
        ({"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1}, Port("icmpv6", -1, -1)),
        ({"IpProtocol": "47", "FromPort": None, "ToPort": None}, Port("47")),
    ],
)
def test_ports_are_read_as_ec2_has_them(changes: dict[str, Any], port: Port) -> None:
    assert _read(_rule(**changes)).identity.port == port


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (3, "3: expected a mapping"),
        ({}, "SecurityGroups: nothing: expected a list, as EC2 gives it"),
        ({"SecurityGroups": {}}, "SecurityGroups: nothing"),
        ({"SecurityGroups": [3]}, "SecurityGroups[0]: 3: expected a mapping"),
        ({"SecurityGroups": [_group(GroupId=None)]}, "SecurityGroups[0].GroupId: nothing"),
        ({"SecurityGroups": [_group(Tags={})]}, "SecurityGroups[0].Tags: {}: expected a list"),
        ({"SecurityGroups": [_group(Tags=[{"Value": "x"}])]}, "SecurityGroups[0].Tags[0].Key: nothing"),
        ({"SecurityGroups": [], "NextToken": "x"}, 'NextToken: "x": expected an answer with all its pages'),
    ],
)
def test_what_is_no_answer_about_groups_is_refused(document: object, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_groups(document)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SecurityGroupRuleId": None}, ".SecurityGroupRuleId: nothing"),
        ({"IsEgress": "no"}, '.IsEgress: "no": expected true or false'),
        ({"FromPort": "22"}, '.FromPort: "22": expected a whole number'),
        ({"ToPort": True}, ".ToPort: true: expected a whole number"),
        ({"ToPort": 22}, ': "2379-22/tcp": expected a range with its lower end first'),
        (
            {"CidrIpv4": None},
            ': "no peer": expected exactly one of CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo',
        ),
        ({"CidrIpv6": "::/0"}, ': "CidrIpv4 and CidrIpv6": expected exactly one of'),
        ({"CidrIpv4": None, "ReferencedGroupInfo": {}}, ".ReferencedGroupInfo.GroupId: nothing"),
        ({"Tags": 3}, ".Tags: 3: expected a list"),
    ],
)
def test_a_rule_that_cannot_be_read_is_a_fault_with_its_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_rules({"SecurityGroupRules": [_rule(), _rule(**changes), 3]})
    faults = [str(fault) for fault in refused.value.faults]
    assert faults[0].startswith(f"SecurityGroupRules[1]{said}")
    assert faults[-1] == "SecurityGroupRules[2]: 3: expected a mapping"
