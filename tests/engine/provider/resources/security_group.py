"""``aws_security_group``: the calls of vpc_security_group.go."""

from __future__ import annotations

import itertools
import re
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.engine.provider.resources import inline_rules
from tests.engine.provider.resources.resource import CallError, CreatedInPart, Resource, as_tags, error_code, from_tags
from tests.engine.provider.values import UNKNOWN, Values

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

# helper/id of the plugin SDK: date and time of creation to a ten-thousandth of a second, and a counter in hexadecimal.
_COUNTER = itertools.count(1)
_UNIQUE = re.compile(r"(.*-)?\d{18}[0-9a-f]{8}")

# The real one retries for the whole of its timeout for deleting, 15 minutes by default.
_PATIENCE = 0.3

_EVERYTHING = {"IpProtocol": "-1", "FromPort": 0, "ToPort": 0}


class SecurityGroup(Resource):
    """A group, with or without rules in it."""

    legacy = True

    @classmethod
    def adjusted(cls, prior: Values | None, planned: Values) -> Values:
        """Blocks as they are planned; where the configuration has none, those that there are stay."""
        del prior
        return {**planned, **{name: inline_rules.planned(planned[name]) for name in inline_rules.DIRECTIONS}}

    def create(self, planned: Values) -> Values:
        """CreateSecurityGroup with tags, then the default egress rules are revoked."""
        name = planned["name"] if planned["name"] not in (None, UNKNOWN) else _unique_name(planned["name_prefix"])
        request = {"GroupName": name, "Description": planned["description"]}
        if planned["vpc_id"] not in (None, UNKNOWN):
            request["VpcId"] = planned["vpc_id"]
        if planned["tags_all"]:
            tags = as_tags(planned["tags_all"])
            request["TagSpecifications"] = [{"ResourceType": "security-group", "Tags": tags}]
        id_ = self.ec2.create_security_group(**request)["GroupId"]
        state = {**planned, "id": id_, "name": name}
        try:
            self.ec2.describe_security_groups(GroupIds=[id_])
            self._revoke_egress(id_, {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
            try:
                self._revoke_egress(id_, {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
            except ClientError as error:
                if error_code(error) != "InvalidPermission.NotFound":  # a VPC without IPv6
                    raise
            self._change_rules(id_, {}, planned)
            return self.read(state) or state
        except CallError as error:
            known = {key: None if value is UNKNOWN else value for key, value in state.items()}
            raise CreatedInPart(known, error) from error

    def _revoke_egress(self, id_: str, ranges: Values) -> None:
        permission: Any = {**_EVERYTHING, **ranges}
        self.ec2.revoke_security_group_egress(GroupId=id_, IpPermissions=[permission])

    def read(self, state: Values) -> Values | None:
        """DescribeSecurityGroups."""
        try:
            (group,) = self.ec2.describe_security_groups(GroupIds=[state["id"]])["SecurityGroups"]
        except ClientError as error:
            if error_code(error) == "InvalidGroup.NotFound":
                return None
            raise
        tags = from_tags(group.get("Tags", []))
        region = self.ec2.meta.region_name
        return {
            **state,
            "arn": f"arn:aws:ec2:{region}:{group['OwnerId']}:security-group/{group['GroupId']}",
            "description": group["Description"],
            # Standalone rules are seen here, too; both are computed, so they make no plan.
            "egress": _blocks(state["egress"], group["IpPermissionsEgress"], group),
            "ingress": _blocks(state["ingress"], group["IpPermissions"], group),
            "name": group["GroupName"],
            "name_prefix": _prefix_of(group["GroupName"]),
            "owner_id": group["OwnerId"],
            "region": region,
            "tags": tags or (None if state.get("tags") is None else {}),
            "tags_all": tags,
            "vpc_id": group["VpcId"],
        }

    def update(self, prior: Values, planned: Values) -> Values:
        """Rules, then tags; whatever else can change is the provider's own."""
        self._change_rules(planned["id"], prior, planned)
        self.retag(planned["id"], prior, planned)
        return self.read(planned) or planned

    def _change_rules(self, id_: str, prior: Values, planned: Values) -> None:
        """Inline rules: in each direction those that go are revoked, then those that come are authorized."""
        calls = {
            "ingress": (self.ec2.revoke_security_group_ingress, self.ec2.authorize_security_group_ingress),
            "egress": (self.ec2.revoke_security_group_egress, self.ec2.authorize_security_group_egress),
        }
        for direction, (revoke, authorize) in calls.items():
            before, after = inline_rules.entries(prior.get(direction)), inline_rules.entries(planned[direction])
            if gone := [rule for rule in before if rule not in after]:
                revoke(GroupId=id_, IpPermissions=inline_rules.permissions(gone, id_))
            if new := [rule for rule in after if rule not in before]:
                authorize(GroupId=id_, IpPermissions=inline_rules.permissions(new, id_))

    def delete(self, state: Values) -> None:
        """DeleteSecurityGroup, tried again while something depends on the group."""
        self.ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [state["id"]]}])
        if state["revoke_rules_on_delete"]:
            self._revoke_all(state["id"])
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.ec2.delete_security_group(GroupId=state["id"])
            except ClientError as error:
                if error_code(error) == "InvalidGroup.NotFound":
                    return
                if error_code(error) == "DependencyViolation" and time.monotonic() < until:
                    time.sleep(0.02)
                    continue
                raise
            return

    def _revoke_all(self, id_: str) -> None:
        rules = self.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [id_]}])
        for rule in rules["SecurityGroupRules"]:
            revoke = (
                self.ec2.revoke_security_group_egress if rule["IsEgress"] else self.ec2.revoke_security_group_ingress
            )
            revoke(GroupId=id_, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])


class DefaultSecurityGroup(SecurityGroup):
    """``aws_default_security_group``, the calls of vpc_default_security_group.go: adopted, and never deleted."""

    def create(self, planned: Values) -> Values:
        """DescribeSecurityGroups finds it; all its rules are revoked."""
        wanted = {"group-name": "default", "vpc-id": planned["vpc_id"]}
        (group,) = self.ec2.describe_security_groups(
            Filters=[{"Name": name, "Values": [value]} for name, value in wanted.items()]
        )["SecurityGroups"]
        id_ = group["GroupId"]
        self.retag(id_, {"tags_all": from_tags(group.get("Tags", []))}, planned)
        self._revoke_all(id_)
        self._change_rules(id_, {}, planned)
        state = {**planned, "id": id_}
        return self.read(state) or state

    def delete(self, state: Values) -> None:
        """It stays, with its rules."""


def find_security_group(ec2: EC2Client, config: Values) -> Values:
    """``data.aws_security_group`` by its id or its name.

    Raises:
        LookupError: not one group is so.
    """
    filters = {"group-id": config["id"], "group-name": config["name"]}
    found = ec2.describe_security_groups(
        Filters=[{"Name": name, "Values": [value]} for name, value in filters.items() if value is not None]
    )["SecurityGroups"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} matching EC2 Security Groups found, not one")
    (group,) = found
    return {
        **config,
        "arn": f"arn:aws:ec2:{ec2.meta.region_name}:{group['OwnerId']}:security-group/{group['GroupId']}",
        "description": group["Description"],
        "id": group["GroupId"],
        "name": group["GroupName"],
        "region": ec2.meta.region_name,
        "tags": from_tags(group["Tags"]),
        "vpc_id": group["VpcId"],
    }


def _unique_name(prefix: str | None) -> str:
    now = time.time()
    moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(now)) + f"{int(now % 1 * 10_000):04d}"
    return f"{prefix or 'terraform-'}{moment}{next(_COUNTER):08x}"


def _prefix_of(name: str) -> str:
    match = _UNIQUE.fullmatch(name)
    return match[1] or "" if match else ""


def _blocks(known: Any, permissions: Any, group: Any) -> list[Values]:
    return inline_rules.matched(known, inline_rules.described(permissions, group))
