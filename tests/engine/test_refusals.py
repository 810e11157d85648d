"""What EC2 documents to refuse is refused, with its error code: asked directly, and through the engine."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen
from xml.etree import ElementTree

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.engine.ec2 import checks
from tests.engine.ec2 import cloud as cloud_module
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.errors import EC2Error
from tests.engine.ec2.server import Service
from tests.engine.ec2.values import PrefixList, Vpc
from tests.engine.stack import EngineError, Stack
from tests.engine.starting_point import OTHER_ACCOUNTS_GROUP, PREFIX_LIST, THEIR_GROUP, VPC, golden, new_cloud

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

SHORT_LIST = "pl-0123456789abcdef1"
OTHER_VPC = "vpc-0123456789abcdef1"
NO_GROUP, NO_RULE = "sg-0fffffffffffffff0", "sgr-0fffffffffffffff0"


@pytest.fixture
def ec2(service: Service, cloud: Cloud) -> EC2Client:
    cloud.vpcs[OTHER_VPC] = Vpc(OTHER_VPC, "10.0.0.0/16")
    return boto3.client(
        "ec2",
        "us-east-1",
        endpoint_url=service.url,
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  # nobody's
    )


def _group(ec2: EC2Client, name: str = "ours", vpc: str = VPC) -> str:
    return ec2.create_security_group(GroupName=name, Description="ours", VpcId=vpc)["GroupId"]


def _permission(**changes: Any) -> Any:
    permission: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    permission["IpRanges"] = [{"CidrIp": "10.0.0.0/8"}]
    permission |= changes
    return {key: value for key, value in permission.items() if value is not None}


def _permit(ec2: EC2Client, group: str | None = None, **changes: Any) -> str:
    answer = ec2.authorize_security_group_ingress(GroupId=group or _group(ec2), IpPermissions=[_permission(**changes)])
    return answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def _from_group(id_: str, **more: str) -> dict[str, Any]:
    account, _, id_ = id_.rpartition("/")
    return {
        "IpRanges": None,
        "UserIdGroupPairs": [{"GroupId": id_, **({"UserId": account} if account else {}), **more}],
    }


def _twice(ec2: EC2Client, first: dict[str, Any], second: dict[str, Any]) -> None:
    group = _group(ec2)
    _permit(ec2, group, **first)
    _permit(ec2, group, **second)


def _described(text: str) -> dict[str, Any]:
    return {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": text}]}


def _no_such_action(ec2: EC2Client) -> None:
    # No client has a method for it.
    query = urlencode({"Action": "OpenSecurityGroup", "Version": "2016-11-15"}).encode()
    try:
        urlopen(ec2.meta.endpoint_url, query)  # noqa: S310  # on loopback
    except HTTPError as error:
        with error:
            (code,) = [element.text for element in ElementTree.fromstring(error.read()).iter("Code")]  # noqa: S314  # ours
        raise ClientError({"Error": {"Code": code or ""}}, "OpenSecurityGroup") from None


def _fill(ec2: EC2Client, peer: Callable[[int], dict[str, Any]], number: int = 60) -> str:
    group = _group(ec2)
    for index in range(number):
        _permit(ec2, group, FromPort=index, ToPort=index, **peer(index))
    return group


def _ipv4(_: int = 0) -> dict[str, Any]:
    return {}


def _ipv6(_: int = 0) -> dict[str, Any]:
    return {"IpRanges": None, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/48"}]}


def _pair(_: int = 0) -> dict[str, Any]:
    return _from_group(THEIR_GROUP)


def _listed(_: int = 0) -> dict[str, Any]:
    return {"IpRanges": None, "PrefixListIds": [{"PrefixListId": PREFIX_LIST}]}


def _half_and_half(index: int) -> dict[str, Any]:
    return _pair() if index % 2 else _ipv6()


def _delete_named(ec2: EC2Client) -> None:
    named = _group(ec2, "named")
    _permit(ec2, _group(ec2), **_from_group(named))
    ec2.delete_security_group(GroupId=named)


def _delete_used(ec2: EC2Client) -> None:
    group = _group(ec2)
    ec2.run_instances(SecurityGroupIds=[group], MinCount=1, MaxCount=1)
    ec2.delete_security_group(GroupId=group)


def _delete_default(ec2: EC2Client) -> None:
    (group,) = ec2.describe_security_groups(Filters=[_filter("vpc-id", _new_vpc(ec2))])["SecurityGroups"]
    ec2.delete_security_group(GroupId=group["GroupId"])


def _filter(name: str, *values: str) -> Any:
    return {"Name": name, "Values": list(values)}


def _new_vpc(ec2: EC2Client) -> str:
    return ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]


def _without_default_vpc(ec2: EC2Client) -> None:
    for group in (THEIR_GROUP, OTHER_ACCOUNTS_GROUP):
        ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=VPC)
    ec2.create_security_group(GroupName="ours", Description="ours")


def _run(ec2: EC2Client, *groups: str) -> str:
    return ec2.run_instances(SecurityGroupIds=list(groups), MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]


def _move_to_other_vpc(ec2: EC2Client) -> None:
    instance = _run(ec2, _group(ec2))
    ec2.modify_instance_attribute(InstanceId=instance, Groups=[_group(ec2, "other", OTHER_VPC)])


def _run_in_vpc(ec2: EC2Client) -> None:
    vpc = _new_vpc(ec2)
    (group,) = ec2.describe_security_groups(Filters=[_filter("vpc-id", vpc)])["SecurityGroups"]
    _run(ec2, group["GroupId"])
    ec2.delete_vpc(VpcId=vpc)


def _delete_vpc(ec2: EC2Client) -> None:
    _group(ec2, vpc=OTHER_VPC)
    ec2.delete_vpc(VpcId=OTHER_VPC)


def _modify(ec2: EC2Client, rule: Any, before: dict[str, Any] | None = None) -> None:
    group = _group(ec2)
    _permit(ec2, group, FromPort=1, ToPort=1)
    id_ = _permit(ec2, group, **(before or {}))
    _change(ec2, group, id_, rule)


def _change(ec2: EC2Client, group: str, id_: str, rule: Any) -> None:
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}]
    )


def _change_list(ec2: EC2Client, group: str) -> None:
    short = _permit(ec2, group, FromPort=100, ToPort=100, IpRanges=None, PrefixListIds=[{"PrefixListId": SHORT_LIST}])
    _change(ec2, group, short, {**_TCP, "PrefixListId": PREFIX_LIST})


_TCP = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


def _prefix_list(ec2: EC2Client, entries: int = 0) -> str:
    made = ec2.create_managed_prefix_list(
        PrefixListName="ours",
        AddressFamily="IPv4",
        MaxEntries=1,
        Entries=[{"Cidr": f"10.{number}.0.0/16"} for number in range(entries)],
    )
    return made["PrefixList"]["PrefixListId"]


def _add_entry(ec2: EC2Client, **request: Any) -> None:
    entries: Any = [{"Cidr": "10.0.0.0/16"}]
    ec2.modify_managed_prefix_list(PrefixListId=_prefix_list(ec2), AddEntries=entries, **request)


def _delete_named_list(ec2: EC2Client) -> None:
    id_ = _prefix_list(ec2)
    _permit(ec2, IpRanges=None, PrefixListIds=[{"PrefixListId": id_}])
    ec2.delete_managed_prefix_list(PrefixListId=id_)


REFUSALS: dict[str, tuple[Callable[[EC2Client], object], str]] = {
    "a rule twice": (lambda e: _twice(e, {}, {}), "InvalidPermission.Duplicate"),
    "a rule twice, described otherwise": (
        lambda e: _twice(e, _described("a"), _described("b")),
        "InvalidPermission.Duplicate",
    ),
    "a rule for a group twice, described otherwise": (
        lambda e: _twice(e, _from_group(THEIR_GROUP, Description="a"), _from_group(THEIR_GROUP, Description="b")),
        "InvalidPermission.Duplicate",
    ),
    "a rule twice, its block spelt otherwise": (
        lambda e: _twice(e, {}, {"IpRanges": [{"CidrIp": "10.1.2.3/8"}]}),
        "InvalidPermission.Duplicate",
    ),
    "a rule twice, its protocol by number": (
        lambda e: _twice(e, {}, {"IpProtocol": "6"}),
        "InvalidPermission.Duplicate",
    ),
    "a rule changed into another": (
        lambda e: _modify(e, {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIpv4": "10.0.0.0/8"}),
        "InvalidPermission.Duplicate",
    ),
    "all egress, which a new group has": (
        lambda e: e.authorize_security_group_egress(
            GroupId=_group(e), IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ),
        "InvalidPermission.Duplicate",
    ),
    "a rule on an unknown group": (lambda e: _permit(e, NO_GROUP), "InvalidGroup.NotFound"),
    "a rule for an unknown group": (lambda e: _permit(e, **_from_group(NO_GROUP)), "InvalidGroup.NotFound"),
    "a rule for another account's unknown group": (
        lambda e: _permit(e, **_from_group("123456789012/sg-0fffffff")),
        "InvalidGroup.NotFound",
    ),
    "a rule for a group of a VPC that is not peered": (
        lambda e: _permit(e, **_from_group(_group(e, "other", OTHER_VPC))),
        "InvalidGroup.NotFound",
    ),
    "an unknown group deleted": (lambda e: e.delete_security_group(GroupId=NO_GROUP), "InvalidGroup.NotFound"),
    "an unknown group described": (lambda e: e.describe_security_groups(GroupIds=[NO_GROUP]), "InvalidGroup.NotFound"),
    "a group in an unknown VPC": (lambda e: _group(e, vpc="vpc-0fffffff"), "InvalidVpcID.NotFound"),
    "an unknown prefix list": (
        lambda e: _permit(e, IpRanges=None, PrefixListIds=[{"PrefixListId": "pl-0fffffff"}]),
        "InvalidPrefixListID.NotFound",
    ),
    "a port above the last": (lambda e: _permit(e, ToPort=65536), "InvalidPermission.Malformed"),
    "a port below the first": (lambda e: _permit(e, FromPort=-1), "InvalidPermission.Malformed"),
    "a range the wrong way round": (lambda e: _permit(e, FromPort=444), "InvalidParameterValue"),
    "TCP without ports": (lambda e: _permit(e, FromPort=None, ToPort=None), "InvalidParameterValue"),
    "ICMP without type": (lambda e: _permit(e, IpProtocol="icmp", FromPort=None), "InvalidParameterValue"),
    "an ICMP type that there is not": (
        lambda e: _permit(e, IpProtocol="icmp", FromPort=256, ToPort=0),
        "InvalidPermission.Malformed",
    ),
    "ICMPv6 with a type and no code": (
        lambda e: _permit(e, IpProtocol="icmpv6", FromPort=128, ToPort=None, **_ipv6()),
        "InvalidParameterValue",
    ),
    "ICMPv6 with a code and no type": (
        lambda e: _permit(e, IpProtocol="58", FromPort=None, ToPort=0, **_ipv6()),
        "InvalidParameterValue",
    ),
    "all protocols and a port": (lambda e: _permit(e, IpProtocol="-1"), "InvalidParameterValue"),
    "an unknown protocol": (lambda e: _permit(e, IpProtocol="tpc"), "InvalidParameterValue"),
    "a protocol above the last": (lambda e: _permit(e, IpProtocol="256"), "InvalidParameterValue"),
    "a block that is none": (lambda e: _permit(e, IpRanges=[{"CidrIp": "10.0.0.0/33"}]), "InvalidParameterValue"),
    "a block without length": (lambda e: _permit(e, IpRanges=[{"CidrIp": "10.0.0.0"}]), "InvalidParameterValue"),
    "an IPv6 block as IPv4": (lambda e: _permit(e, IpRanges=[{"CidrIp": "::/0"}]), "InvalidParameterValue"),
    "an IPv6 block that is none": (
        lambda e: _permit(e, IpRanges=None, Ipv6Ranges=[{"CidrIpv6": "10.0.0.0/8"}]),
        "InvalidParameterValue",
    ),
    "no peer": (lambda e: _permit(e, IpRanges=None), "MissingParameter"),
    "a description too long": (lambda e: _permit(e, **_described("x" * 256)), "InvalidParameterValue"),
    "a description with other characters": (lambda e: _permit(e, **_described("é")), "InvalidParameterValue"),
    "an ampersand in a description for a group": (
        lambda e: _permit(e, **_from_group(THEIR_GROUP, Description="a & b")),
        "InvalidParameterValue",
    ),
    "an ampersand in a description for a prefix list": (
        lambda e: _permit(e, IpRanges=None, PrefixListIds=[{"PrefixListId": PREFIX_LIST, "Description": "a & b"}]),
        "InvalidParameterValue",
    ),
    "a description changed to a bad one": (
        lambda e: _modify(e, {**_TCP, "CidrIpv4": "10.0.0.0/8", "Description": "<b>"}),
        "InvalidParameterValue",
    ),
    "a group's description with other characters": (
        lambda e: e.create_security_group(GroupName="a", Description="é", VpcId=VPC),
        "InvalidParameterValue",
    ),
    "a group's name beginning like an id": (lambda e: _group(e, "sg-mine"), "InvalidParameterValue"),
    "a group's name beginning like an id in capitals": (lambda e: _group(e, "SG-mine"), "InvalidParameterValue"),
    "a group's name that is reserved": (lambda e: _group(e, "default"), "InvalidGroup.Reserved"),
    "a group's name that is reserved, in capitals": (lambda e: _group(e, "Default"), "InvalidGroup.Reserved"),
    "a group's name twice in a VPC, in capitals": (lambda e: (_group(e), _group(e, "OURS")), "InvalidGroup.Duplicate"),
    "a group's name too long": (lambda e: _group(e, "x" * 256), "InvalidParameterValue"),
    "a group's name twice in a VPC": (lambda e: (_group(e), _group(e)), "InvalidGroup.Duplicate"),
    "61 rules for IPv4 blocks": (
        lambda e: _permit(e, _fill(e, _ipv4), FromPort=100, ToPort=100),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "61 rules for IPv6 blocks": (
        lambda e: _permit(e, _fill(e, _ipv6), FromPort=100, ToPort=100, **_ipv6()),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "61 rules for groups": (
        lambda e: _permit(e, _fill(e, _pair), FromPort=100, ToPort=100, **_pair()),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "a rule for a group where IPv6 is full": (
        lambda e: _permit(e, _fill(e, _half_and_half), FromPort=100, ToPort=100, **_pair()),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "a rule for IPv6 where groups fill it": (
        lambda e: _permit(e, _fill(e, _pair), FromPort=100, ToPort=100, **_ipv6()),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "61 rules with prefix lists counted whole": (
        lambda e: _permit(e, _fill(e, _ipv4, 51), FromPort=100, ToPort=100, **_listed()),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "six groups on an interface": (
        lambda e: e.run_instances(SecurityGroupIds=[_group(e, f"g{n}") for n in range(6)], MinCount=1, MaxCount=1),
        "SecurityGroupsPerInterfaceLimitExceeded",
    ),
    "groups of two VPCs on an interface": (
        lambda e: _run(e, _group(e), _group(e, "other", OTHER_VPC)),
        "InvalidGroup.NotFound",
    ),
    "an interface's group of another VPC than before": (_move_to_other_vpc, "InvalidGroup.NotFound"),
    "an unknown group on an interface": (lambda e: _run(e, NO_GROUP), "InvalidGroup.NotFound"),
    "an unknown instance": (
        lambda e: e.describe_instances(InstanceIds=["i-0fffffffffffffff0"]),
        "InvalidInstanceID.NotFound",
    ),
    "an unknown interface": (
        lambda e: e.delete_network_interface(NetworkInterfaceId="eni-0ffffffff"),
        "InvalidNetworkInterfaceID.NotFound",
    ),
    "an unknown launch template": (
        lambda e: e.delete_launch_template(LaunchTemplateId="lt-0ffffffff"),
        "InvalidLaunchTemplateId.NotFound",
    ),
    "an unknown peering connection": (
        lambda e: e.delete_vpc_peering_connection(VpcPeeringConnectionId="pcx-0fffffff"),
        "InvalidVpcPeeringConnectionID.NotFound",
    ),
    "an action that there is not": (_no_such_action, "InvalidAction"),
    "a group without a VPC where none is the default one": (_without_default_vpc, "VPCIdNotSpecified"),
    "a VPC's default group deleted": (_delete_default, "CannotDelete"),
    "an unknown filter of VPCs": (
        lambda e: e.describe_vpcs(Filters=[_filter("mood", "good")]),
        "InvalidParameterValue",
    ),
    "an unknown filter of groups": (
        lambda e: e.describe_security_groups(Filters=[_filter("mood", "good")]),
        "InvalidParameterValue",
    ),
    "an unknown filter of rules": (
        lambda e: e.describe_security_group_rules(Filters=[_filter("mood", "good")]),
        "InvalidParameterValue",
    ),
    "an unknown filter of interfaces": (
        lambda e: e.describe_network_interfaces(Filters=[_filter("mood", "good")]),
        "InvalidParameterValue",
    ),
    "a group deleted that a rule names": (_delete_named, "DependencyViolation"),
    "a group deleted that an interface has": (_delete_used, "DependencyViolation"),
    "a VPC deleted that has groups": (_delete_vpc, "DependencyViolation"),
    "a VPC deleted that has an instance": (_run_in_vpc, "DependencyViolation"),
    "a rule changed to another kind of peer": (
        lambda e: _modify(e, {**_TCP, "CidrIpv6": "::/0"}),
        "InvalidParameterCombination",
    ),
    "an unknown rule described": (
        lambda e: e.describe_security_group_rules(SecurityGroupRuleIds=[NO_RULE]),
        "InvalidSecurityGroupRuleId.NotFound",
    ),
    "an unknown rule revoked": (
        lambda e: e.revoke_security_group_ingress(GroupId=_group(e), SecurityGroupRuleIds=[NO_RULE]),
        "InvalidSecurityGroupRuleId.NotFound",
    ),
    "a rule revoked that is not there": (
        lambda e: e.revoke_security_group_ingress(GroupId=_group(e, vpc=OTHER_VPC), IpPermissions=[_permission()]),
        "InvalidPermission.NotFound",
    ),
    "a rule revoked in the other direction": (
        lambda e: e.revoke_security_group_egress(
            GroupId=(group := _group(e)), SecurityGroupRuleIds=[_permit(e, group)]
        ),
        "InvalidSecurityGroupRuleId.NotFound",
    ),
    "a rule revoked from another group": (
        lambda e: e.revoke_security_group_ingress(
            GroupId=_group(e, "other"), SecurityGroupRuleIds=[_permit(e, _group(e))]
        ),
        "InvalidSecurityGroupRuleId.NotFound",
    ),
    "an unknown rule changed": (
        lambda e: _change(e, _group(e), NO_RULE, {**_TCP, "CidrIpv4": "10.0.0.0/8"}),
        "InvalidSecurityGroupRuleId.NotFound",
    ),
    "a rule changed that is another group's": (
        lambda e: _change(e, _group(e, "other"), _permit(e), {**_TCP, "CidrIpv4": "10.0.0.0/8"}),
        "InvalidSecurityGroupRuleId.NotFound",
    ),
    "a rule changed to a list that passes the quota": (
        lambda e: _change_list(e, _fill(e, _ipv4, 51)),
        "RulesPerSecurityGroupLimitExceeded",
    ),
    "a rule changed to no peer": (lambda e: _modify(e, _TCP), "InvalidParameterCombination"),
    "a rule changed to two peers": (
        lambda e: _modify(e, {**_TCP, "CidrIpv4": "10.0.0.0/8", "CidrIpv6": "::/0"}),
        "InvalidParameterCombination",
    ),
    "a tag of AWS's own": (
        lambda e: e.create_tags(Resources=[_group(e)], Tags=[{"Key": "aws:x", "Value": "y"}]),
        "InvalidParameterValue",
    ),
    "a tag's key of 128 characters": (
        lambda e: e.create_tags(Resources=[_group(e)], Tags=[{"Key": "k" * 128, "Value": ""}]),
        "InvalidParameterValue",
    ),
    "a tag's value of 257 characters": (
        lambda e: e.create_tags(Resources=[_group(e)], Tags=[{"Key": "k", "Value": "v" * 257}]),
        "InvalidParameterValue",
    ),
    "51 tags": (
        lambda e: e.create_tags(Resources=[_group(e)], Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)]),
        "TagLimitExceeded",
    ),
    "a description of no rule": (
        lambda e: e.update_security_group_rule_descriptions_ingress(GroupId=_group(e), IpPermissions=[_permission()]),
        "InvalidPermission.NotFound",
    ),
    "a prefix list with more entries than it may have": (lambda e: _prefix_list(e, 2), "InvalidParameterValue"),
    "entries and size of a prefix list in one request": (
        lambda e: _add_entry(e, CurrentVersion=1, MaxEntries=2),
        "InvalidParameterCombination",
    ),
    "entries of an older version of a prefix list": (
        lambda e: _add_entry(e, CurrentVersion=2),
        "PrefixListVersionMismatch",
    ),
    "a prefix list deleted that a rule names": (_delete_named_list, "DependencyViolation"),
    "tags on nothing": (
        lambda e: e.create_tags(Resources=[NO_GROUP], Tags=[{"Key": "a", "Value": "b"}]),
        "InvalidID",
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_ec2_refuses(what: str, ec2: EC2Client, cloud: Cloud) -> None:
    cloud.prefix_lists[PREFIX_LIST] = PrefixList(PREFIX_LIST, max_entries=10)
    cloud.prefix_lists[SHORT_LIST] = PrefixList(SHORT_LIST)
    act, code = REFUSALS[what]
    with pytest.raises(ClientError) as refused:
        act(ec2)
    assert refused.value.response["Error"]["Code"] == code


def _raises(path: str) -> Iterator[tuple[str, range]]:
    """The lines of each statement that raises an error of its own."""
    for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield path, range(node.lineno, (node.end_lineno or node.lineno) + 1)


def test_every_refusal_of_the_imitation_is_asked_for(
    ec2: EC2Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: set[tuple[str, int]] = set()
    call = Cloud.call

    def recorded(cloud: Cloud, action: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return call(cloud, action, request)
        except EC2Error as error:
            *_, last = traceback.extract_tb(error.__traceback__)
            reached.add((last.filename, last.lineno or 0))
            raise

    monkeypatch.setattr(Cloud, "call", recorded)
    for act, _ in REFUSALS.values():
        service.cloud = new_cloud()
        service.cloud.vpcs[OTHER_VPC] = Vpc(OTHER_VPC, "10.0.0.0/16")
        service.cloud.prefix_lists[PREFIX_LIST] = PrefixList(PREFIX_LIST, max_entries=10)
        service.cloud.prefix_lists[SHORT_LIST] = PrefixList(SHORT_LIST)
        with pytest.raises(ClientError):
            act(ec2)
    sites = [site for module in (cloud_module, checks) for site in _raises(str(module.__file__))]
    assert len(sites) > 30
    assert [(path, lines[0]) for path, lines in sites if not any((path, line) in reached for line in lines)] == []


def test_what_is_just_allowed_is_allowed(ec2: EC2Client, cloud: Cloud) -> None:
    cloud.prefix_lists[PREFIX_LIST] = PrefixList(PREFIX_LIST, max_entries=10)
    # IPv4 and IPv6 are counted apart, and so are the directions.
    group = _fill(ec2, _ipv4)
    for index in range(60):
        _permit(ec2, group, FromPort=index, ToPort=index, **_ipv6())
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[_permission()])
    _permit(ec2, _fill_other(ec2, 50), FromPort=100, ToPort=100, **_listed())
    ec2.create_tags(Resources=[group], Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    ec2.run_instances(SecurityGroupIds=[_group(ec2, f"g{n}") for n in range(5)], MinCount=1, MaxCount=1)
    cloud.peered.add(frozenset((VPC, OTHER_VPC)))
    _permit(ec2, _group(ec2, "peered"), **_from_group(_group(ec2, "other", OTHER_VPC)))
    _permit(ec2, _group(ec2, "account"), **_from_group(OTHER_ACCOUNTS_GROUP))
    _permit(ec2, _group(ec2, "described"), **_described("x" * 255))
    _permit(ec2, _group(ec2, "and"), **_described("a & b"))
    _permit(ec2, _group(ec2, "and-v6"), IpRanges=None, Ipv6Ranges=[{"CidrIpv6": "::/0", "Description": "a & b"}])
    _permit(ec2, _group(ec2, "ping"), IpProtocol="icmpv6", FromPort=None, ToPort=None, **_ipv6())
    _group(ec2, "DESCRIBED", OTHER_VPC)
    ec2.create_tags(Resources=[_group(ec2, "long")], Tags=[{"Key": "k" * 127, "Value": "v" * 256}])
    named = _group(ec2, "names-itself")
    _permit(ec2, named, **_from_group(named))
    ec2.delete_security_group(GroupId=named)


def _fill_other(ec2: EC2Client, number: int) -> str:
    group = _group(ec2, "fifty")
    for index in range(number):
        _permit(ec2, group, FromPort=index, ToPort=index)
    return group


def test_a_refused_request_changes_nothing(ec2: EC2Client, cloud: Cloud) -> None:
    group = _group(ec2)
    before, calls = cloud.moment(), len(cloud.history)
    with pytest.raises(ClientError):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_permission(), _permission()])
    assert cloud.moment() == before
    assert len(cloud.history) == calls


def test_in_a_default_vpc_an_unknown_rule_that_is_revoked_is_named_and_no_error(ec2: EC2Client, cloud: Cloud) -> None:
    # RevokeSecurityGroupIngress; in another VPC it is an error, and nothing is revoked.
    known, unknown = _permission(), _permission(FromPort=80, ToPort=80)
    here, there = _group(ec2), _group(ec2, vpc=OTHER_VPC)
    kept = {group: _permit(ec2, group) for group in (here, there)}
    answer = ec2.revoke_security_group_ingress(GroupId=here, IpPermissions=[known, unknown])
    (named,) = answer["UnknownIpPermissions"]
    assert (named["FromPort"], named["IpRanges"]) == (80, [{"CidrIp": "10.0.0.0/8"}])
    assert kept[here] not in cloud.rules
    with pytest.raises(ClientError, match="InvalidPermission.NotFound"):
        ec2.revoke_security_group_ingress(GroupId=there, IpPermissions=[known, unknown])
    assert kept[there] in cloud.rules


def test_a_rule_in_a_peered_vpc_does_not_keep_a_group_and_goes_stale(ec2: EC2Client, cloud: Cloud) -> None:
    # DeleteSecurityGroup: only a group in the same VPC does.
    cloud.peered.add(frozenset((VPC, OTHER_VPC)))
    named = _group(ec2, "named")
    stale = _permit(ec2, _group(ec2, "other", OTHER_VPC), **_from_group(named))
    ec2.delete_security_group(GroupId=named)
    assert named not in cloud.groups
    assert cloud.rules[stale].peer == named
    (rule,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[stale])["SecurityGroupRules"]
    assert rule["ReferencedGroupInfo"]["GroupId"] == named


def test_a_group_is_made_by_the_engine_in_a_default_vpc_and_in_another(
    cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    # The provider revokes a rule to IPv6 that is not there, which EC2 answers differently in the two.
    cloud.vpcs[OTHER_VPC] = Vpc(OTHER_VPC, "10.0.0.0/16")
    for vpc in (VPC, OTHER_VPC):
        document = golden("shipped-settings")
        for group in document["resource"]["aws_security_group"].values():
            group["vpc_id"] = vpc
        stack = new_stack(document, vpc)
        stack.apply_at_once()
        assert stack.has_nothing_to_do()
        stack.destroy()


def test_a_block_is_kept_in_canonical_form(ec2: EC2Client, cloud: Cloud) -> None:
    id_ = _permit(ec2, IpRanges=[{"CidrIp": "10.1.2.3/8"}])
    assert cloud.rules[id_].peer == "10.0.0.0/8"


# The same, seen through the engine: a change to the golden's JSON, and what the engine says. Refused by the provider's
# validators at validate, by EC2 at apply.

RULE = "rancher_rancher_from_office_tcp_443"
IN_JSON: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "two peers": (RULE, {"cidr_ipv6": "::/0"}, "validate", "Exactly one of these attributes must be configured"),
    "no peer": (RULE, {"cidr_ipv4": None}, "validate", "Exactly one of these attributes must be configured"),
    "host bits": (RULE, {"cidr_ipv4": "203.0.113.7/24"}, "validate", "not a valid IPv4 CIDR block"),
    "a port too large": (RULE, {"to_port": 70000}, "validate", "must be between -1 and 65535"),
    "a port that is no number": (RULE, {"to_port": "http"}, "validate", "a number is required"),
    "no protocol": (RULE, {"ip_protocol": None}, "validate", 'argument "ip_protocol" is required'),
    "an unknown protocol": (RULE, {"ip_protocol": "tpc"}, "apply", "(InvalidParameterValue)"),
    "TCP without ports": (RULE, {"from_port": None, "to_port": None}, "apply", "(InvalidParameterValue)"),
    "a range the wrong way round": (RULE, {"from_port": 444}, "apply", "(InvalidParameterValue)"),
    "a description of other characters": (RULE, {"description": "<b>"}, "apply", "(InvalidParameterValue)"),
    "an unknown prefix list": (
        RULE,
        {"cidr_ipv4": None, "prefix_list_id": "pl-0fffffff"},
        "apply",
        "(InvalidPrefixListID.NotFound)",
    ),
    "an unknown group": (
        RULE,
        {"cidr_ipv4": None, "referenced_security_group_id": NO_GROUP},
        "apply",
        "(InvalidGroup.NotFound)",
    ),
    "a duplicate": (
        RULE,
        {"cidr_ipv4": None, "referenced_security_group_id": "${aws_security_group.rancher_etcd.id}"},
        "apply",
        "(InvalidPermission.Duplicate)",
    ),
}


@pytest.mark.parametrize("what", IN_JSON)
def test_the_engine_refuses(what: str, new_stack: Callable[..., Stack]) -> None:
    name, change, when, said = IN_JSON[what]
    document = golden("shipped-settings")
    rule = document["resource"]["aws_vpc_security_group_ingress_rule"][name]
    rule |= change
    for key in [key for key, value in rule.items() if value is None]:
        del rule[key]
    stack = new_stack(document)
    if when == "validate":
        with pytest.raises(EngineError, match=_wrapped(said)):
            stack.validate()
    else:
        stack.validate()
        stack.plan()
        with pytest.raises(EngineError, match=_wrapped(said)):
            stack.apply()


def _wrapped(text: str) -> str:
    """A pattern for a text that the engine may have broken into lines."""
    special = "()[]"
    return r"\s+".join("".join(f"[{c}]" if c in special else c for c in word) for word in text.split())


def test_an_unknown_vpc_is_refused_at_apply(new_stack: Callable[..., Stack]) -> None:
    document = golden("shipped-settings")
    for group in document["resource"]["aws_security_group"].values():
        group["vpc_id"] = "vpc-0fffffff"
    stack = new_stack(document)
    stack.plan()
    with pytest.raises(EngineError, match="InvalidVpcID.NotFound"):
        stack.apply()


def test_an_account_without_a_default_vpc_is_told_so_at_plan(cloud: Cloud, new_stack: Callable[..., Stack]) -> None:
    cloud.vpcs.clear()
    with pytest.raises(EngineError, match="no matching EC2 VPC found"):
        new_stack(golden("shipped-settings")).plan()


def test_more_rules_than_the_quota_are_refused_at_apply(service: Service, new_stack: Callable[..., Stack]) -> None:
    stack = new_stack(golden("shipped-settings"))
    # The largest group of the shipped settings has 10 egress rules.
    service.cloud = new_cloud(rules_quota=9)
    stack.plan()
    with pytest.raises(EngineError, match="RulesPerSecurityGroupLimitExceeded"):
        stack.apply()


def test_a_cycle_is_refused(new_stack: Callable[..., Stack]) -> None:
    document = golden("shipped-settings")
    groups = document["resource"]["aws_security_group"]
    groups["rancher_etcd"]["tags"]["x"] = "${aws_security_group.rancher_worker.id}"
    groups["rancher_worker"]["tags"]["x"] = "${aws_security_group.rancher_etcd.id}"
    with pytest.raises(EngineError, match="Cycle"):
        new_stack(document).plan()
