"""One region of one account: what EC2 does with each request, and what it refuses.

A method for each action, named as boto3 names it; it takes the request and gives the answer in the shapes of EC2's API
model. Sources are the actions' pages in the EC2 API reference, unless a comment names another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from tests.engine.ec2 import checks
from tests.engine.ec2.errors import EC2Error
from tests.engine.ec2.peer_kinds import PEER_KINDS
from tests.engine.ec2.values import Group, Instance, Interface, LaunchTemplate, Moment, PrefixList, Rule, Vpc

Request = dict[str, Any]
Answer = dict[str, Any]
Tags = tuple[tuple[str, str], ...]
Resource = TypeVar("Resource")
# What a filter looks at in a resource.
Look = Callable[[Resource], Iterable[str | None]]

ACCOUNT = "111122223333"
REGION = "us-east-1"
FAMILIES = ("ipv4", "ipv6")


class Cloud:
    """The imitation's state.

    Args:
        vpcs: the VPCs that are there from the start.
        prefix_lists: the prefix lists that are there.
        groups: security groups that are there, by id; those of other accounts as ``account/sg-...``.
        rules_quota: rules in a direction of a group, for each family ("Amazon VPC quotas").
        groups_quota: groups of a network interface (the same page).
        account: whose it is.
    """

    def __init__(
        self,
        vpcs: Iterable[Vpc] = (),
        prefix_lists: Iterable[PrefixList] = (),
        groups: Iterable[Group] = (),
        *,
        rules_quota: int = 60,
        groups_quota: int = 5,
        account: str = ACCOUNT,
    ) -> None:
        self.account = account
        # Other accounts in this region, for groups that rules name there.
        self.others: dict[str, Cloud] = {}
        self._lock = threading.RLock()
        self._counts: dict[str, int] = {}
        self.vpcs = {vpc.id: vpc for vpc in vpcs}
        self.prefix_lists = {prefix_list.id: prefix_list for prefix_list in prefix_lists}
        self.groups = {group.id: group for group in groups}
        self.rules: dict[str, Rule] = {}
        self.instances: dict[str, Instance] = {}
        self.interfaces: dict[str, Interface] = {}
        self.launch_templates: dict[str, LaunchTemplate] = {}
        # VPCs whose groups may name each other; by the id of the connection where there is one.
        self.peered: set[frozenset[str]] = set()
        self.peerings: dict[str, frozenset[str]] = {}
        self.at_transit_gateway: set[frozenset[str]] = set()
        self.rules_quota = rules_quota
        self.groups_quota = groups_quota
        self.calls: list[str] = []
        self.history: list[Moment] = []

    def call(self, action: str, request: Request) -> Answer:
        """Do one action, whole or not at all.

        Args:
            action: in the spelling of boto3's methods.
            request: in the shape of EC2's API model.

        Raises:
            EC2Error: EC2 refuses.
        """
        with self._lock:
            self.calls.append(action)
            method: Callable[[Request], Answer] | None = getattr(self, action, None)
            if method is None:
                raise EC2Error("InvalidAction", f"The action {action} is not valid for this web service")
            before = self._state()
            try:
                answer = method(request)
            except EC2Error:
                self._restore(before)
                raise
            if self._state() != before:
                self.history.append(self.moment(action, request))
            return answer

    def moment(self, action: str = "", request: Request | None = None) -> Moment:
        """What there is now."""
        with self._lock:
            return Moment(
                action,
                request or {},
                frozenset(self.groups.values()),
                frozenset(self.rules.values()),
                frozenset(self.instances.values()),
            )

    def copy(self) -> Cloud:
        """The same, apart, with nothing in its history yet."""
        other = Cloud(rules_quota=self.rules_quota, groups_quota=self.groups_quota, account=self.account)
        other.become(self)
        return other

    def become(self, other: Cloud) -> None:
        """Hold what another one holds; the calls and the history are its own."""
        with other._lock:
            self._restore(other._state())
            self.peered, self.at_transit_gateway = set(other.peered), set(other.at_transit_gateway)
            self.others = dict(other.others)
            self._counts = dict(other._counts)

    _HELD = ("vpcs", "peerings", "prefix_lists", "groups", "rules", "instances", "interfaces", "launch_templates")

    def _state(self) -> tuple[dict[str, Any], ...]:
        return tuple(dict(getattr(self, name)) for name in self._HELD)

    def _restore(self, state: tuple[dict[str, Any], ...]) -> None:
        for name, held in zip(self._HELD, state, strict=True):
            setattr(self, name, held)

    def _new_id(self, prefix: str, *of: object) -> str:  # noqa: ARG002  # other imitations make the id of it
        # Counted, so that two runs that do the same in the same order give the same ids.
        self._counts[prefix] = number = self._counts.get(prefix, 0) + 1
        return f"{prefix}-{number:017x}"

    # VPCs

    def create_vpc(self, request: Request) -> Answer:
        """CreateVpc, with a default group, whose members may reach each other and send everything."""
        vpc = Vpc(
            self._new_id("vpc", request["CidrBlock"]),
            checks.cidr(request["CidrBlock"], "ipv4"),
            has_ipv6=bool(request.get("AmazonProvidedIpv6CidrBlock")),
            tags=_given_tags(request),
        )
        self.vpcs[vpc.id] = vpc
        group = Group(self._new_id("sg", vpc.id), "default", "default VPC security group", vpc.id)
        self.groups[group.id] = group
        self._add(Rule("", group.id, False, "-1", -1, -1, "group", group.id))
        self._let_out(group, vpc)
        return {"Vpc": self._described_vpc(vpc)}

    def delete_vpc(self, request: Request) -> Answer:
        """DeleteVpc: refused while there are groups besides the default one, or instances."""
        vpc = self._vpc(request["VpcId"])
        inside = [group for group in self.groups.values() if group.vpc_id == vpc.id]
        if any(group.name != "default" or self._is_attached(group) for group in inside):
            raise EC2Error("DependencyViolation", f"The vpc '{vpc.id}' has dependencies and cannot be deleted.")
        for group in inside:
            self._remove(group)
        del self.vpcs[vpc.id]
        return {"Return": True}

    def describe_vpcs(self, request: Request) -> Answer:
        """DescribeVpcs, by id or by a filter on being the default one or on a tag."""
        wanted = request.get("VpcIds") or list(self.vpcs)
        found = _filtered([self._vpc(id_) for id_ in wanted], request, _vpc_filter)
        return {"Vpcs": [self._described_vpc(vpc) for vpc in found]}

    def create_vpc_peering_connection(self, request: Request) -> Answer:
        """CreateVpcPeeringConnection, of two VPCs of this account, in this region; nobody else has to accept it."""
        pair = frozenset((self._vpc(request["VpcId"]).id, self._vpc(request["PeerVpcId"]).id))
        id_ = self._new_id("pcx")
        self.peerings[id_] = pair
        return {"VpcPeeringConnection": self._described_peering(id_)}

    def describe_vpc_peering_connections(self, request: Request) -> Answer:
        """DescribeVpcPeeringConnections, by id."""
        wanted = request.get("VpcPeeringConnectionIds") or list(self.peerings)
        return {"VpcPeeringConnections": [self._described_peering(id_) for id_ in wanted]}

    def accept_vpc_peering_connection(self, request: Request) -> Answer:
        """AcceptVpcPeeringConnection: from then on groups may name each other."""
        id_ = request["VpcPeeringConnectionId"]
        answer = {"VpcPeeringConnection": self._described_peering(id_)}
        self.peered.add(self.peerings[id_])
        return answer

    def delete_vpc_peering_connection(self, request: Request) -> Answer:
        """DeleteVpcPeeringConnection."""
        id_ = request["VpcPeeringConnectionId"]
        self._described_peering(id_)
        self.peered.discard(self.peerings.pop(id_))
        return {"Return": True}

    def _described_peering(self, id_: str) -> Answer:
        if id_ not in self.peerings:
            raise EC2Error("InvalidVpcPeeringConnectionID.NotFound", f"The connection '{id_}' does not exist")
        status = "active" if self.peerings[id_] in self.peered else "pending-acceptance"
        return {"VpcPeeringConnectionId": id_, "Status": {"Code": status}}

    def _vpc(self, id_: str) -> Vpc:
        if id_ not in self.vpcs:
            raise EC2Error("InvalidVpcID.NotFound", f"The vpc ID '{id_}' does not exist")
        return self.vpcs[id_]

    def _described_vpc(self, vpc: Vpc) -> Answer:
        return {
            "VpcId": vpc.id,
            "CidrBlock": vpc.cidr,
            "IsDefault": vpc.is_default,
            "State": "available",
            "OwnerId": self.account,
            "InstanceTenancy": "default",
            "DhcpOptionsId": "dopt-01234567",
            "Tags": _tags(vpc.tags),
        }

    # Groups

    def create_security_group(self, request: Request) -> Answer:
        """CreateSecurityGroup: a new group may send everything, to IPv6 as well if its VPC has that."""
        checks.check_group_name(request["GroupName"])
        checks.check_group_description(request["Description"])
        vpc_id = request.get("VpcId") or next((vpc.id for vpc in self.vpcs.values() if vpc.is_default), None)
        if vpc_id is None:
            raise EC2Error("VPCIdNotSpecified", "No default VPC for this user")
        vpc = self._vpc(vpc_id)
        taken = {group.name.lower() for group in self.groups.values() if group.vpc_id == vpc.id}
        if request["GroupName"].lower() in taken:
            raise EC2Error(
                "InvalidGroup.Duplicate",
                f"The security group '{request['GroupName']}' already exists for VPC '{vpc.id}'",
            )
        id_ = self._new_id("sg", vpc.id, request["GroupName"], request["Description"])
        group = Group(id_, request["GroupName"], request["Description"], vpc.id, _given_tags(request))
        self.groups[group.id] = group
        self._let_out(group, vpc)
        return {"GroupId": group.id, "Tags": _tags(group.tags)}

    def _let_out(self, group: Group, vpc: Vpc) -> None:
        self._add(Rule("", group.id, True, "-1", -1, -1, "ipv4", "0.0.0.0/0"))
        if vpc.has_ipv6:
            self._add(Rule("", group.id, True, "-1", -1, -1, "ipv6", "::/0"))

    def delete_security_group(self, request: Request) -> Answer:
        """DeleteSecurityGroup: refused while another group's rule in its VPC or an interface names it.

        A rule in another VPC stays and is stale ("Update your security groups to reference peer security groups").
        """
        group = self._group(request["GroupId"])
        naming = {rule.group_id for rule in self.rules.values() if rule.peer == group.id} - {group.id}
        if self._is_attached(group) or any(self.groups[id_].vpc_id == group.vpc_id for id_ in naming):
            raise EC2Error("DependencyViolation", f"resource {group.id} has a dependent object")
        if group.name == "default":
            raise EC2Error(
                "CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
            )
        self._remove(group)
        return {"Return": True, "GroupId": group.id}

    def _is_attached(self, group: Group) -> bool:
        having: list[Instance | Interface] = [*self.instances.values(), *self.interfaces.values()]
        return any(group.id in one.group_ids for one in having)

    def _remove(self, group: Group) -> None:
        self.rules = {id_: rule for id_, rule in self.rules.items() if rule.group_id != group.id}
        del self.groups[group.id]

    def describe_security_groups(self, request: Request) -> Answer:
        """DescribeSecurityGroups, by id or by filters."""
        found = [self._group(id_) for id_ in request.get("GroupIds") or list(self.groups) if "/" not in id_]
        found = _filtered(found, request, _group_filter)
        return {"SecurityGroups": [self._described(group) for group in found]}

    def _described(self, group: Group) -> Answer:
        of_group = [rule for rule in self.rules.values() if rule.group_id == group.id]
        return {
            "GroupId": group.id,
            "GroupName": group.name,
            "Description": group.description,
            "VpcId": group.vpc_id,
            "OwnerId": self.account,
            "Tags": _tags(group.tags),
            "IpPermissions": _permissions((rule for rule in of_group if not rule.is_egress), self.account),
            "IpPermissionsEgress": _permissions((rule for rule in of_group if rule.is_egress), self.account),
        }

    def _group(self, id_: str) -> Group:
        if id_ not in self.groups:
            raise EC2Error("InvalidGroup.NotFound", f"The security group '{id_}' does not exist")
        return self.groups[id_]

    # Rules

    def authorize_security_group_ingress(self, request: Request) -> Answer:
        """AuthorizeSecurityGroupIngress."""
        return self._authorize(request, is_egress=False)

    def authorize_security_group_egress(self, request: Request) -> Answer:
        """AuthorizeSecurityGroupEgress."""
        return self._authorize(request, is_egress=True)

    def _authorize(self, request: Request, *, is_egress: bool) -> Answer:
        group = self._group(request["GroupId"])
        added = [self._add(rule) for rule in self._permitted(request, group, is_egress)]
        if not added:
            raise EC2Error("MissingParameter", "The request must contain the parameter ipPermissions")
        return {"Return": True, "SecurityGroupRules": [_rule(rule, self.account) for rule in added]}

    def _permitted(self, request: Request, group: Group, is_egress: bool) -> Iterator[Rule]:
        tags = _given_tags(request)
        for permission in request.get("IpPermissions", []):
            protocol = checks.protocol(permission["IpProtocol"])
            first, last = checks.ports(protocol, permission.get("FromPort"), permission.get("ToPort"))
            for kind, peer, description in self._peers(permission, group, is_egress):
                checks.check_rule_description(description, kind)
                yield Rule("", group.id, is_egress, protocol, first, last, kind, peer, description, tags)

    def _peers(self, permission: Request, group: Group, is_egress: bool) -> Iterator[tuple[str, str, str | None]]:
        for kind, spelt in PEER_KINDS.items():
            for item in permission.get(spelt.member, []):
                peer = self._peer(kind, item[spelt.item], item.get("UserId") or self.account, group, is_egress)
                yield kind, peer, item.get("Description")

    def _peer(self, kind: str, value: str, account: str, group: Group, is_egress: bool) -> str:
        if kind == "group":
            return self._referable(account, value, group, is_egress)
        return self._prefix_list(value).id if kind == "prefix list" else checks.cidr(value, kind)

    def _prefix_list(self, id_: str) -> PrefixList:
        if id_ not in self.prefix_lists:
            # github.com/hashicorp/terraform-provider-aws, internal/service/ec2/errors.go:
            # errCodeInvalidPrefixListIDNotFound. The EC2 API reference has no code for it.
            raise EC2Error("InvalidPrefixListID.NotFound", f"The prefix list ID '{id_}' does not exist")
        return self.prefix_lists[id_]

    def create_managed_prefix_list(self, request: Request) -> Answer:
        """CreateManagedPrefixList: made at once."""
        entries = [(entry["Cidr"], entry.get("Description", "")) for entry in request.get("Entries", [])]
        made = PrefixList(
            self._new_id("pl", request["PrefixListName"]),
            request["AddressFamily"].lower(),
            request["MaxEntries"],
            request["PrefixListName"],
            tuple(entries),
            tags=_given_tags(request),
        )
        self._keep(made)
        return {"PrefixList": self._described_prefix_list(made)}

    def _keep(self, prefix_list: PrefixList) -> None:
        if len(prefix_list.entries) > prefix_list.max_entries:
            # Page CreateManagedPrefixList, of MaxEntries
            raise EC2Error("InvalidParameterValue", "There are more entries than the maximum number of entries.")
        self.prefix_lists[prefix_list.id] = prefix_list

    def describe_managed_prefix_lists(self, request: Request) -> Answer:
        """DescribeManagedPrefixLists, by id."""
        found = [self._prefix_list(id_) for id_ in request.get("PrefixListIds") or self.prefix_lists]
        return {"PrefixLists": [self._described_prefix_list(one) for one in found]}

    def get_managed_prefix_list_entries(self, request: Request) -> Answer:
        """GetManagedPrefixListEntries, of the latest version."""
        entries = self._prefix_list(request["PrefixListId"]).entries
        return {"Entries": [{"Cidr": cidr, "Description": description} for cidr, description in entries]}

    def modify_managed_prefix_list(self, request: Request) -> Answer:
        """ModifyManagedPrefixList: other entries make a new version, and need the current one's number."""
        old = self._prefix_list(request["PrefixListId"])
        gone = {entry["Cidr"] for entry in request.get("RemoveEntries", [])}
        added = {entry["Cidr"]: entry.get("Description", "") for entry in request.get("AddEntries", [])}
        changes = bool(gone or added)
        if changes and "MaxEntries" in request:
            # Observed, in github.com/hashicorp/terraform-provider-aws/issues/26034
            raise EC2Error(
                "InvalidParameterCombination",
                "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
            )
        if changes and request.get("CurrentVersion") != old.version:
            # Observed, in github.com/hashicorp/terraform-provider-aws/issues/43528
            raise EC2Error("PrefixListVersionMismatch", "The prefix list has the incorrect version number.")
        kept = {cidr: description for cidr, description in old.entries if cidr not in gone}
        new = replace(
            old,
            name=request.get("PrefixListName", old.name),
            max_entries=request.get("MaxEntries", old.max_entries),
            entries=tuple({**kept, **added}.items()),
            version=old.version + changes,
        )
        self._keep(new)
        return {"PrefixList": self._described_prefix_list(new)}

    def delete_managed_prefix_list(self, request: Request) -> Answer:
        """DeleteManagedPrefixList: refused while a rule names it."""
        old = self._prefix_list(request["PrefixListId"])
        if any(rule.peer == old.id for rule in self.rules.values()):
            # Page DeleteManagedPrefixList; the code: page "Error codes"
            raise EC2Error("DependencyViolation", f"resource {old.id} has a dependent object")
        del self.prefix_lists[old.id]
        return {"PrefixList": self._described_prefix_list(old)}

    def _described_prefix_list(self, one: PrefixList) -> Answer:
        return {
            "PrefixListId": one.id,
            "PrefixListName": one.name,
            "PrefixListArn": f"arn:aws:ec2:{REGION}:{self.account}:prefix-list/{one.id}",
            "AddressFamily": {"ipv4": "IPv4", "ipv6": "IPv6"}[one.family],
            "MaxEntries": one.max_entries,
            "OwnerId": self.account,
            "State": "create-complete",
            "Tags": _tags(one.tags),
            "Version": one.version,
        }

    def _referable(self, account: str, id_: str, group: Group, is_egress: bool) -> str:
        """A group as a peer: in the same VPC, or in a connected one.

        VPC peering connects ("Update your security groups to reference peer security groups"); a transit gateway for
        ingress rules only (Amazon VPC transit gateways, "Security group referencing").
        """
        key = id_ if account == self.account else f"{account}/{id_}"
        named = self.others[account]._group(id_) if account in self.others else self._group(key)
        pair = frozenset((named.vpc_id, group.vpc_id))
        connected = pair in self.peered or (pair in self.at_transit_gateway and not is_egress)
        if len(pair) > 1 and not connected:
            raise EC2Error(
                "InvalidGroup.NotFound", f"The security group '{id_}' does not exist in VPC '{group.vpc_id}'"
            )
        return key

    def _add(self, rule: Rule) -> Rule:
        if any(other.identity == rule.identity for other in self.rules.values()):
            raise EC2Error("InvalidPermission.Duplicate", f'the specified rule "{_said(rule)}" already exists')
        self._check_quota(rule)
        rule = replace(rule, id=self._new_id("sgr", *rule.identity))
        self.rules[rule.id] = rule
        return rule

    def _check_quota(self, rule: Rule) -> None:
        """The quota of a direction, IPv4 and IPv6 counted apart; a rule that names a group counts in both."""
        beside = [r for r in self.rules.values() if (r.group_id, r.is_egress) == (rule.group_id, rule.is_egress)]
        for family in FAMILIES:
            weight = self._weight(rule, family)
            if weight and weight + sum(self._weight(other, family) for other in beside) > self.rules_quota:
                raise EC2Error(
                    "RulesPerSecurityGroupLimitExceeded",
                    "The maximum number of rules per security group has been reached.",
                )

    def _weight(self, rule: Rule, family: str) -> int:
        if rule.peer_kind == "prefix list":
            prefix_list = self.prefix_lists[rule.peer]
            return prefix_list.max_entries if prefix_list.family == family else 0
        return int(rule.peer_kind in (family, "group"))

    def revoke_security_group_ingress(self, request: Request) -> Answer:
        """RevokeSecurityGroupIngress."""
        return self._revoke(request, is_egress=False)

    def revoke_security_group_egress(self, request: Request) -> Answer:
        """RevokeSecurityGroupEgress."""
        return self._revoke(request, is_egress=True)

    def _revoke(self, request: Request, *, is_egress: bool) -> Answer:
        group = self._group(request["GroupId"])
        ids = [self._rule_of(group, id_, is_egress).id for id_ in request.get("SecurityGroupRuleIds", [])]
        unknown = []
        for wanted in self._permitted(request, group, is_egress):
            found = [rule.id for rule in self.rules.values() if rule.identity == wanted.identity]
            ids += found
            if not found:
                unknown.append(wanted)
        # Only in a default VPC is that no error (RevokeSecurityGroupIngress).
        if unknown and not self._vpc(group.vpc_id).is_default:
            raise EC2Error("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        self.rules = {id_: rule for id_, rule in self.rules.items() if id_ not in ids}
        return {"Return": True, "UnknownIpPermissions": _permissions(unknown, self.account)}

    def update_security_group_rule_descriptions_ingress(self, request: Request) -> Answer:
        """UpdateSecurityGroupRuleDescriptionsIngress."""
        return self._describe_anew(request, is_egress=False)

    def update_security_group_rule_descriptions_egress(self, request: Request) -> Answer:
        """UpdateSecurityGroupRuleDescriptionsEgress."""
        return self._describe_anew(request, is_egress=True)

    def _describe_anew(self, request: Request, *, is_egress: bool) -> Answer:
        """What is not given as a description is taken away."""
        for wanted in self._permitted(request, self._group(request["GroupId"]), is_egress):
            found = [rule for rule in self.rules.values() if rule.identity == wanted.identity]
            if not found:
                raise EC2Error(
                    "InvalidPermission.NotFound", "The specified rule does not exist in this security group."
                )
            self.rules[found[0].id] = replace(found[0], description=wanted.description)
        return {"Return": True}

    def _known_rule(self, id_: str) -> Rule:
        if id_ not in self.rules:
            raise _no_rule(id_)
        return self.rules[id_]

    def _rule_of(self, group: Group, id_: str, is_egress: bool | None = None) -> Rule:
        """A rule of a group; of one direction, unless that does not matter."""
        rule = self._known_rule(id_)
        if rule.group_id != group.id or is_egress not in (None, rule.is_egress):
            raise _no_rule(id_)
        return rule

    def modify_security_group_rules(self, request: Request) -> Answer:
        """ModifySecurityGroupRules: in one step, and not from one kind of peer to another."""
        group = self._group(request["GroupId"])
        for update in request["SecurityGroupRules"]:
            old = self._rule_of(group, update["SecurityGroupRuleId"])
            new = self._requested(update["SecurityGroupRule"], group, old)
            if new.peer_kind != old.peer_kind:
                raise EC2Error("InvalidParameterCombination", "You cannot change the rule's source type.")
            del self.rules[old.id]
            if any(other.identity == new.identity for other in self.rules.values()):
                raise EC2Error("InvalidPermission.Duplicate", f'the specified rule "{_said(new)}" already exists')
            self._check_quota(new)
            self.rules[old.id] = new
        return {"Return": True}

    def _requested(self, request: Request, group: Group, old: Rule) -> Rule:
        protocol = checks.protocol(request["IpProtocol"])
        first, last = checks.ports(protocol, request.get("FromPort"), request.get("ToPort"))
        given = [(kind, request[spelt.flat]) for kind, spelt in PEER_KINDS.items() if spelt.flat in request]
        if len(given) != 1:
            raise EC2Error("InvalidParameterCombination", "Exactly one source or destination has to be specified")
        ((kind, value),) = given
        account, _, id_ = value.rpartition("/") if kind == "group" else ("", "", value)
        peer, description = (
            self._peer(kind, id_, account or self.account, group, old.is_egress),
            request.get("Description"),
        )
        checks.check_rule_description(description, kind)
        return Rule(old.id, group.id, old.is_egress, protocol, first, last, kind, peer, description, old.tags)

    def describe_security_group_rules(self, request: Request) -> Answer:
        """DescribeSecurityGroupRules, by id or by the group's id."""
        wanted = request.get("SecurityGroupRuleIds") or list(self.rules)
        known: dict[str, Look[Rule]] = {
            "group-id": lambda rule: [rule.group_id],
            "security-group-rule-id": lambda rule: [rule.id],
        }
        found = _filtered([self._known_rule(id_) for id_ in wanted], request, known.get)
        return {"SecurityGroupRules": [_rule(rule, self.account) for rule in found]}

    # Tags

    def create_tags(self, request: Request) -> Answer:
        """CreateTags: adds, or overwrites."""
        given = {tag["Key"]: tag.get("Value", "") for tag in request["Tags"]}
        return self._tag(request["Resources"], lambda tags: {**tags, **given})

    def delete_tags(self, request: Request) -> Answer:
        """DeleteTags: with a value only where the value is that, without one whatever it is."""
        gone = {tag["Key"]: tag.get("Value") for tag in request["Tags"]}
        return self._tag(
            request["Resources"],
            lambda tags: {
                key: value for key, value in tags.items() if key not in gone or gone[key] not in (None, value)
            },
        )

    def _tag(self, ids: Iterable[str], change: Callable[[dict[str, str]], dict[str, str]]) -> Answer:
        for id_ in ids:
            everything: tuple[dict[str, Any], ...] = (
                self.vpcs,
                self.groups,
                self.rules,
                self.prefix_lists,
                self.instances,
            )
            holding = [resources for resources in everything if id_ in resources]
            if not holding:
                raise EC2Error("InvalidID", f"The ID '{id_}' is not valid")
            tags = change(dict(holding[0][id_].tags))
            checks.check_tags(tags)
            holding[0][id_] = replace(holding[0][id_], tags=tuple(sorted(tags.items())))
        return {"Return": True}

    # Instances, other interfaces and launch templates, as far as they have groups

    def run_instances(self, request: Request) -> Answer:
        """RunInstances, any number; any image is taken for one that exists."""
        given = request.get("SecurityGroupIds", [])
        if template := request.get("LaunchTemplate"):
            given = given or self._known_template(template["LaunchTemplateId"]).group_ids
        groups = tuple(sorted(given))
        self._check_interface(groups)
        made = [Instance(self._new_id("i"), groups, _given_tags(request)) for _ in range(request.get("MaxCount", 1))]
        self.instances |= {instance.id: instance for instance in made}
        return {"Instances": [self._instance(instance) for instance in made]}

    def describe_instances(self, request: Request) -> Answer:
        """DescribeInstances, by id or by a filter on a tag."""
        found = [self._known_instance(id_) for id_ in request.get("InstanceIds") or list(self.instances)]
        found = _filtered(found, request, _instance_filter)
        return {
            "Reservations": [{"OwnerId": self.account, "Instances": [self._instance(instance)]} for instance in found]
        }

    def modify_instance_attribute(self, request: Request) -> Answer:
        """ModifyInstanceAttribute, of the groups: all of them in one step."""
        instance = self._known_instance(request["InstanceId"])
        groups = tuple(sorted(request["Groups"]))
        self._check_interface(groups, instance.group_ids)
        self.instances[instance.id] = replace(instance, group_ids=groups)
        return {}

    def terminate_instances(self, request: Request) -> Answer:
        """TerminateInstances: gone at once."""
        for id_ in request["InstanceIds"]:
            del self.instances[self._known_instance(id_).id]
        return {"TerminatingInstances": []}

    def describe_network_interfaces(self, request: Request) -> Answer:
        """DescribeNetworkInterfaces: each instance has one, and there are others; filtered by group or description."""
        of_instances = [Interface(one.id.replace("i-", "eni-", 1), one.group_ids) for one in self.instances.values()]
        known: dict[str, Look[Interface]] = {
            "group-id": lambda interface: interface.group_ids,
            "description": lambda interface: [interface.description],
        }
        found = _filtered([*of_instances, *self.interfaces.values()], request, known.get)
        return {"NetworkInterfaces": [self._interface(interface) for interface in found]}

    def create_network_interface(self, request: Request) -> Answer:
        """CreateNetworkInterface, in whatever subnet."""
        groups = tuple(sorted(request.get("Groups", [])))
        self._check_interface(groups)
        interface = Interface(self._new_id("eni"), groups, request.get("Description", ""))
        self.interfaces[interface.id] = interface
        return {"NetworkInterface": self._interface(interface)}

    def modify_network_interface_attribute(self, request: Request) -> Answer:
        """ModifyNetworkInterfaceAttribute, of the groups."""
        interface = self._known_interface(request["NetworkInterfaceId"])
        groups = tuple(sorted(request["Groups"]))
        self._check_interface(groups, interface.group_ids)
        self.interfaces[interface.id] = replace(interface, group_ids=groups)
        return {}

    def delete_network_interface(self, request: Request) -> Answer:
        """DeleteNetworkInterface."""
        del self.interfaces[self._known_interface(request["NetworkInterfaceId"]).id]
        return {}

    def _known_interface(self, id_: str) -> Interface:
        if id_ not in self.interfaces:
            raise EC2Error("InvalidNetworkInterfaceID.NotFound", f"The interface '{id_}' does not exist")
        return self.interfaces[id_]

    def _interface(self, interface: Interface) -> Answer:
        return {
            "NetworkInterfaceId": interface.id,
            "Status": "in-use",
            "Description": interface.description,
            "Groups": [{"GroupId": id_, "GroupName": self.groups[id_].name} for id_ in interface.group_ids],
        }

    def create_launch_template(self, request: Request) -> Answer:
        """CreateLaunchTemplate, as far as it has groups."""
        groups = tuple(sorted(request["LaunchTemplateData"].get("SecurityGroupIds", [])))
        template = LaunchTemplate(self._new_id("lt"), request["LaunchTemplateName"], groups)
        self.launch_templates[template.id] = template
        return {"LaunchTemplate": _launch_template(template)}

    def create_launch_template_version(self, request: Request) -> Answer:
        """CreateLaunchTemplateVersion: of the versions the latest alone is kept."""
        old = self._known_template(request["LaunchTemplateId"])
        groups = tuple(sorted(request["LaunchTemplateData"].get("SecurityGroupIds", [])))
        self.launch_templates[old.id] = new = replace(old, group_ids=groups, version=old.version + 1)
        return {"LaunchTemplateVersion": {"LaunchTemplateId": new.id, "VersionNumber": new.version}}

    def describe_launch_template_versions(self, request: Request) -> Answer:
        """DescribeLaunchTemplateVersions, of the latest."""
        template = self._known_template(request["LaunchTemplateId"])
        data = {"SecurityGroupIds": list(template.group_ids)}
        version = {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "VersionNumber": template.version,
            "LaunchTemplateData": data,
        }
        return {"LaunchTemplateVersions": [version]}

    def delete_launch_template(self, request: Request) -> Answer:
        """DeleteLaunchTemplate."""
        template = self._known_template(request["LaunchTemplateId"])
        del self.launch_templates[template.id]
        return {"LaunchTemplate": _launch_template(template)}

    def _known_template(self, id_: str) -> LaunchTemplate:
        if id_ not in self.launch_templates:
            raise EC2Error("InvalidLaunchTemplateId.NotFound", f"The launch template '{id_}' does not exist")
        return self.launch_templates[id_]

    def _known_instance(self, id_: str) -> Instance:
        if id_ not in self.instances:
            raise EC2Error("InvalidInstanceID.NotFound", f"The instance ID '{id_}' does not exist")
        return self.instances[id_]

    def _check_interface(self, groups: tuple[str, ...], former: tuple[str, ...] = ()) -> None:
        """Groups of one VPC, which is that of the groups before ("Amazon EC2 security groups")."""
        in_vpc: dict[str, str] = {}
        for id_ in (*former, *groups):
            in_vpc.setdefault(self._group(id_).vpc_id, id_)
        vpc_id, *others = in_vpc
        if others:
            other = in_vpc[others[0]]
            raise EC2Error("InvalidGroup.NotFound", f"The security group '{other}' does not exist in VPC '{vpc_id}'")
        if len(groups) > self.groups_quota:
            raise EC2Error(
                "SecurityGroupsPerInterfaceLimitExceeded",
                "The maximum number of security groups per interface has been reached.",
            )

    def _instance(self, instance: Instance) -> Answer:
        return {
            "InstanceId": instance.id,
            "State": {"Name": "running", "Code": 16},
            "SecurityGroups": [{"GroupId": id_, "GroupName": self.groups[id_].name} for id_ in instance.group_ids],
            "Tags": _tags(instance.tags),
        }


def _filtered(
    found: list[Resource], request: Mapping[str, Any], look: Callable[[str], Look[Resource] | None]
) -> list[Resource]:
    """Those that pass every filter; ``look`` says what the filter of a name looks at."""
    for one in request.get("Filters", []):
        looked_at, values = look(one["Name"]), one["Values"]
        if looked_at is None:
            raise EC2Error("InvalidParameterValue", f"The filter '{one['Name']}' is invalid")
        found = [resource for resource in found if any(value in values for value in looked_at(resource))]
    return found


def _vpc_filter(name: str) -> Look[Vpc] | None:
    if name.startswith("tag:"):
        return lambda vpc: [dict(vpc.tags).get(name.removeprefix("tag:"))]
    known: dict[str, Look[Vpc]] = {"is-default": lambda vpc: [str(vpc.is_default).lower()]}
    return known.get(name)


def _instance_filter(name: str) -> Look[Instance] | None:
    if name.startswith("tag:"):
        return lambda instance: [dict(instance.tags).get(name.removeprefix("tag:"))]
    return None


def _group_filter(name: str) -> Look[Group] | None:
    if name.startswith("tag:"):
        return lambda group: [dict(group.tags).get(name.removeprefix("tag:"))]
    known: dict[str, Look[Group]] = {
        "vpc-id": lambda group: [group.vpc_id],
        "group-id": lambda group: [group.id],
        "group-name": lambda group: [group.name],
    }
    return known.get(name)


def _no_rule(id_: str) -> EC2Error:
    return EC2Error("InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{id_}' does not exist")


def _given_tags(request: Mapping[str, Any]) -> Tags:
    tags = {tag["Key"]: tag.get("Value", "") for some in request.get("TagSpecifications", []) for tag in some["Tags"]}
    checks.check_tags(tags)
    return tuple(sorted(tags.items()))


def _tags(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags]


def _launch_template(template: LaunchTemplate) -> Answer:
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "LatestVersionNumber": template.version,
        "DefaultVersionNumber": template.version,
    }


def _said(rule: Rule) -> str:
    ports = "ALL" if rule.first == -1 else f"from port: {rule.first}, to port: {rule.last}"
    return f"peer: {rule.peer}, {rule.protocol.upper()}, {ports}, ALLOW"


def _permissions(rules: Iterable[Rule], here: str) -> list[Answer]:
    """Rules as a group has them: those of one protocol and port range together."""
    found: dict[tuple[str, int, int], Answer] = {}
    for rule in rules:
        ports = {} if rule.protocol == "-1" else {"FromPort": rule.first, "ToPort": rule.last}
        permission = found.setdefault(
            (rule.protocol, rule.first, rule.last),
            {"IpProtocol": rule.protocol, **ports, **{spelt.member: [] for spelt in PEER_KINDS.values()}},
        )
        described = {} if rule.description is None else {"Description": rule.description}
        account, _, peer = rule.peer.rpartition("/") if rule.peer_kind == "group" else ("", "", rule.peer)
        owner = {"UserId": account or here} if rule.peer_kind == "group" else {}
        spelt = PEER_KINDS[rule.peer_kind]
        permission[spelt.member].append({spelt.item: peer, **owner, **described})
    return list(found.values())


def _rule(rule: Rule, here: str) -> Answer:
    peer: Answer
    if rule.peer_kind == "group":
        account, _, id_ = rule.peer.rpartition("/")
        peer = {"ReferencedGroupInfo": {"GroupId": id_, "UserId": account or here}}
    else:
        peer = {PEER_KINDS[rule.peer_kind].flat: rule.peer}
    return {
        "SecurityGroupRuleId": rule.id,
        "GroupId": rule.group_id,
        "GroupOwnerId": here,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.protocol,
        "FromPort": rule.first,
        "ToPort": rule.last,
        **peer,
        **({"Description": rule.description} if rule.description is not None else {}),
        "Tags": _tags(rule.tags),
    }
