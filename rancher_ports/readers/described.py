"""Security groups and rules as EC2 describes them, to ``aws ec2 describe-...`` and to boto3 alike.

``describe-security-groups`` and ``describe-security-group-rules`` (EC2 API reference, SecurityGroup,
SecurityGroupRule).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from rancher_ports.errors import Faults, one_of
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.tags import group_key
from rancher_ports.sections import Section

_PEER_KEYS = {
    PeerKind.IPV4: "CidrIpv4",
    PeerKind.IPV6: "CidrIpv6",
    PeerKind.PREFIX_LIST: "PrefixListId",
    PeerKind.GROUP: "ReferencedGroupInfo",
}


@dataclass(frozen=True, slots=True)
class DescribedGroup:
    """A security group that exists.

    Args:
        id: ``sg-...``.
        name: its name in AWS.
        vpc_id: its VPC.
        tags: its tags.
        region: where it is, as far as EC2 says.
        description: its description.
        permissions: how many rules it has, as far as EC2 says; None where the answer is without them.
        account: whose it is, as far as EC2 says.
    """

    id: str
    name: str
    vpc_id: str | None
    tags: Mapping[str, str]
    region: str | None = None
    description: str = ""
    permissions: int | None = None
    account: str | None = None

    @property
    def key(self) -> GroupKey | None:
        """Owner and role, if it has both of our tags."""
        return group_key(self.tags)


@dataclass(frozen=True, slots=True)
class RuleIdentity:
    """What makes a rule this rule to EC2, which refuses a second one: neither its description nor its tags.

    Args:
        group_id: the group that carries it.
        direction: ``ingress`` or ``egress``.
        port: protocol and port range.
        kind: what the peer is.
        peer: a CIDR block, a prefix list's id, a group's id, ``<account>/sg-...`` for another account's.
    """

    group_id: str
    direction: Direction
    port: Port
    kind: PeerKind
    peer: str

    def __str__(self) -> str:
        preposition = "from" if self.direction == "ingress" else "to"
        return f"{self.direction} {self.port} {preposition} {self.peer}"


def peer_value(kind: PeerKind, value: str, account: str | None) -> str:
    """A peer's value in the one spelling in which rules are compared.

    Args:
        kind: what the peer is.
        value: as EC2 or a plan has it.
        account: the account of the group with the rule, which is left out before the id of a group of its own.
    """
    if kind is PeerKind.GROUP:
        return value.removeprefix(f"{account}/")
    if kind in (PeerKind.IPV4, PeerKind.IPV6):
        # What EC2 has taken is a block, whether or not we understand it: then it is compared as it is.
        with suppress(ValueError):
            return str(ipaddress.ip_network(value, strict=False))
    return value


@dataclass(frozen=True, slots=True)
class DescribedRule:
    """A security group rule that exists.

    Args:
        id: ``sgr-...``.
        identity: what it lets pass, and where it stands.
        account: the account of its group.
        tags: its tags.
        description: its description; empty where it has none.
    """

    id: str
    identity: RuleIdentity
    account: str | None
    tags: Mapping[str, str]
    description: str = ""


def read_groups(document: object, asked: str | None = None) -> tuple[DescribedGroup, ...]:
    """The groups in an answer of ``describe-security-groups``, each once, whatever answers were put together.

    Args:
        document: the parsed JSON, or what boto3 returned.
        asked: the region that was asked, where that is known; an answer of late says it itself.

    Raises:
        InputError: with a fault for whatever is not of the documented form; or the answer has further pages.
    """
    faults = Faults()
    groups = []
    for place, entry in _entries(document, "SecurityGroups", faults):
        group = Section(entry, place, faults)
        arn = group.value("SecurityGroupArn")
        # arn:<partition>:ec2:<region>:<account>:security-group/<id>
        region = arn.split(":")[3] if isinstance(arn, str) and arn.count(":") >= 5 else asked
        read = DescribedGroup(
            id=group.text("GroupId") or "",
            name=group.text("GroupName") or "",
            vpc_id=group.optional_text("VpcId"),
            tags=dict(_read_tags(group, faults)),
            region=region,
            description=group.optional_text("Description") or "",
            permissions=_count_permissions(group),
            account=group.optional_text("OwnerId"),
        )
        groups.append(read)
    faults.raise_any()
    return tuple({group.id: group for group in groups}.values())


def read_rules(document: object) -> tuple[DescribedRule, ...]:
    """The rules in an answer of ``describe-security-group-rules``, each once.

    Args:
        document: the parsed JSON, or what boto3 returned.

    Raises:
        InputError: with a fault for whatever is not of the documented form; or the answer has further pages.
    """
    faults = Faults()
    rules = []
    for place, entry in _entries(document, "SecurityGroupRules", faults):
        with faults.under(""):
            rules.append(_read_rule(entry, place))
    faults.raise_any()
    return tuple({rule.id: rule for rule in rules}.values())


# What EC2 lists within one IpPermission: each entry is a rule of its own.
_OF_A_PERMISSION = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")


def _count_permissions(group: Section) -> int | None:
    """How many rules an answer of ``describe-security-groups`` has of a group, which it tells without their ids."""
    both = [group.value(key) for key in ("IpPermissions", "IpPermissionsEgress")]
    permissions = [one for some in both if isinstance(some, list) for one in some if isinstance(one, Mapping)]
    if not any(isinstance(some, list) for some in both):
        return None
    lists = (permission.get(key) for permission in permissions for key in _OF_A_PERMISSION)
    return sum(len(entries) for entries in lists if isinstance(entries, list))


def _entries(document: object, key: str, faults: Faults) -> list[tuple[str, object]]:
    """What is listed in an answer, each with its place."""
    answer = Section(document, "", faults)
    if answer.value("NextToken"):
        faults.add("NextToken", answer.value("NextToken"), "an answer with all its pages")
    entries = answer.value(key)
    if isinstance(entries, list):
        return [(f"{key}[{index}]", entry) for index, entry in enumerate(entries)]
    if answer.is_mapping:
        faults.missing(key, "a list, as EC2 gives it")
    return []


def _read_rule(entry: object, place: str) -> DescribedRule:
    faults = Faults()
    rule = Section(entry, place, faults)
    id_, group_id, protocol = rule.text("SecurityGroupRuleId"), rule.text("GroupId"), rule.text("IpProtocol")
    first, last = rule.number("FromPort"), rule.number("ToPort")
    account = rule.optional_text("GroupOwnerId")
    direction: Direction = "egress" if rule.flag("IsEgress") else "ingress"
    given = [kind for kind, key in _PEER_KEYS.items() if rule.value(key) is not None]
    if rule.is_mapping and len(given) != 1:
        faults.add(
            place,
            " and ".join(_PEER_KEYS[kind] for kind in given) or "no peer",
            f"exactly {one_of(_PEER_KEYS.values())}",
        )
    peers = [_read_peer(rule, kind) for kind in given]
    tags = dict(_read_tags(rule, faults))
    ports = []
    with faults.under(place):
        ports.append(Port.from_ec2(protocol or "-1", first, last))
    faults.raise_any()
    peer = peer_value(given[0], str(peers[0]), account)
    identity = RuleIdentity(str(group_id), direction, ports[0], given[0], peer)
    description = rule.value("Description")
    return DescribedRule(str(id_), identity, account, tags, description if isinstance(description, str) else "")


def _read_peer(rule: Section, kind: PeerKind) -> str | None:
    if kind is not PeerKind.GROUP:
        return rule.text(_PEER_KEYS[kind])
    group = rule.section(_PEER_KEYS[kind])
    id_, account = group.text("GroupId"), group.optional_text("UserId")
    return f"{account}/{id_}" if account else id_


def _read_tags(resource: Section, faults: Faults) -> Iterator[tuple[str, str]]:
    tags = resource.value("Tags")
    if tags is None:
        return
    if not isinstance(tags, list):
        faults.add(resource.at("Tags"), tags, "a list")
        return
    for index, entry in enumerate(tags):
        tag = Section(entry, f"{resource.at('Tags')}[{index}]", faults)
        key, value = tag.text("Key"), tag.value("Value")
        # The value of a tag may be empty.
        if key is not None:
            yield key, value if isinstance(value, str) else ""
