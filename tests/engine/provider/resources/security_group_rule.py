"""``aws_vpc_security_group_ingress_rule`` and ``_egress_rule``: the calls of vpc_security_group_ingress_rule.go."""

from __future__ import annotations

from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, as_tags, error_code, from_tags
from tests.engine.provider.values import Values

_IN_PLACE = (
    "cidr_ipv4",
    "cidr_ipv6",
    "description",
    "from_port",
    "ip_protocol",
    "prefix_list_id",
    "referenced_security_group_id",
    "to_port",
)


class _Rule(Resource):
    is_egress: ClassVar[bool]

    def create(self, planned: Values) -> Values:
        """Authorize, then tag: if tagging fails, the rule is there and the engine does not know it."""
        answer = self._authorize(GroupId=planned["security_group_id"], IpPermissions=[_permission(planned)])
        (rule,) = answer["SecurityGroupRules"]
        if planned["tags_all"]:
            self.ec2.create_tags(Resources=[rule["SecurityGroupRuleId"]], Tags=as_tags(planned["tags_all"]))
        return {**planned, **self._computed(rule)}

    def _authorize(self, **request: Any) -> Any:
        if self.is_egress:
            return self.ec2.authorize_security_group_egress(**request)
        return self.ec2.authorize_security_group_ingress(**request)

    def _computed(self, rule: Any) -> Values:
        region, id_ = self.ec2.meta.region_name, rule["SecurityGroupRuleId"]
        arn = f"arn:aws:ec2:{region}:{rule['GroupOwnerId']}:security-group-rule/{id_}"
        return {"id": id_, "security_group_rule_id": id_, "arn": arn, "region": region}

    def read(self, state: Values) -> Values | None:
        """DescribeSecurityGroupRules."""
        try:
            (rule,) = self.ec2.describe_security_group_rules(SecurityGroupRuleIds=[state["id"]])["SecurityGroupRules"]
        except ClientError as error:
            if error_code(error) == "InvalidSecurityGroupRuleId.NotFound":
                return None
            raise
        if rule["IsEgress"] is not self.is_egress:
            return None
        tags = from_tags(rule.get("Tags", []))
        return {
            **state,
            **self._computed(rule),
            "cidr_ipv4": rule.get("CidrIpv4"),
            "cidr_ipv6": rule.get("CidrIpv6"),
            "description": rule.get("Description"),
            "from_port": _port(rule["FromPort"], state["from_port"]),
            "to_port": _port(rule["ToPort"], state["to_port"]),
            "ip_protocol": rule["IpProtocol"],
            "prefix_list_id": rule.get("PrefixListId"),
            "referenced_security_group_id": _referenced(rule),
            "security_group_id": rule["GroupId"],
            "tags": tags or (None if state["tags"] is None else {}),
            "tags_all": tags,
        }

    def update(self, prior: Values, planned: Values) -> Values:
        """ModifySecurityGroupRules, which EC2 does in one step; then tags."""
        if any(prior[name] != planned[name] for name in _IN_PLACE):
            requested = {
                "IpProtocol": planned["ip_protocol"],
                "FromPort": planned["from_port"],
                "ToPort": planned["to_port"],
                "CidrIpv4": planned["cidr_ipv4"],
                "CidrIpv6": planned["cidr_ipv6"],
                "PrefixListId": planned["prefix_list_id"],
                "ReferencedGroupId": planned["referenced_security_group_id"],
                "Description": planned["description"],
            }
            rule = {key: value for key, value in requested.items() if value is not None}
            self.ec2.modify_security_group_rules(
                GroupId=planned["security_group_id"],
                SecurityGroupRules=[{"SecurityGroupRuleId": planned["id"], "SecurityGroupRule": rule}],  # type: ignore[typeddict-item]  # built from what is there
            )
        self.retag(planned["id"], prior, planned)
        return planned

    def delete(self, state: Values) -> None:
        """Revoke, by the rule's id."""
        revoke = self.ec2.revoke_security_group_egress if self.is_egress else self.ec2.revoke_security_group_ingress
        try:
            revoke(GroupId=state["security_group_id"], SecurityGroupRuleIds=[state["id"]])
        except ClientError as error:
            if error_code(error) not in ("InvalidGroup.NotFound", "InvalidSecurityGroupRuleId.NotFound"):
                raise


class IngressRule(_Rule):
    """An ingress rule."""

    is_egress = False


class EgressRule(_Rule):
    """An egress rule."""

    is_egress = True


def _permission(planned: Values) -> Any:
    described = {} if planned["description"] is None else {"Description": planned["description"]}
    permission: dict[str, Any] = {"IpProtocol": planned["ip_protocol"]}
    for key, name in (("FromPort", "from_port"), ("ToPort", "to_port")):
        if planned[name] is not None:
            permission[key] = planned[name]
    if planned["cidr_ipv4"] is not None:
        permission["IpRanges"] = [{"CidrIp": planned["cidr_ipv4"], **described}]
    if planned["cidr_ipv6"] is not None:
        permission["Ipv6Ranges"] = [{"CidrIpv6": planned["cidr_ipv6"], **described}]
    if planned["prefix_list_id"] is not None:
        permission["PrefixListIds"] = [{"PrefixListId": planned["prefix_list_id"], **described}]
    if planned["referenced_security_group_id"] is not None:
        account, _, id_ = planned["referenced_security_group_id"].rpartition("/")
        pair = {"GroupId": id_, **({"UserId": account} if account else {}), **described}
        permission["UserIdGroupPairs"] = [pair]
    return permission


def _port(number: int, known: int | None) -> int | None:
    # EC2 answers -1 where there is no port; the provider keeps null then.
    return None if number == -1 and known is None else number


def _referenced(rule: Any) -> str | None:
    group = rule.get("ReferencedGroupInfo")
    if group is None:
        return None
    own = group.get("UserId") in (None, rule["GroupOwnerId"])
    return str(group["GroupId"] if own else f"{group['UserId']}/{group['GroupId']}")
