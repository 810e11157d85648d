"""``aws_security_group_rule``: the calls of vpc_security_group_rule.go."""

from __future__ import annotations

import zlib
from typing import Any

from botocore.exceptions import ClientError

from tests.engine.provider.resources import inline_rules
from tests.engine.provider.resources.inline_rules import Entry
from tests.engine.provider.resources.resource import Resource, error_code
from tests.engine.provider.values import UNKNOWN, Values


class OldRule(Resource):
    """Rules of one protocol and port range, for any number of peers."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """Authorize, all of them in one call."""
        group = self._group(planned["security_group_id"])
        assert group is not None
        rules = _entries(planned)
        authorize = (
            self.ec2.authorize_security_group_ingress
            if planned["type"] == "ingress"
            else self.ec2.authorize_security_group_egress
        )
        made = authorize(GroupId=group["GroupId"], IpPermissions=inline_rules.permissions(rules, group["GroupId"]))
        ids = [rule["SecurityGroupRuleId"] for rule in made["SecurityGroupRules"]]
        known = {
            "id": _id(planned, rules),
            # Only where there is one rule.
            "security_group_rule_id": ids[0] if len(ids) == 1 else None,
            "source_security_group_id": _known(planned["source_security_group_id"]),
        }
        return {**planned, **known}

    def read(self, state: Values) -> Values | None:
        """DescribeSecurityGroups: gone as soon as one of its rules is."""
        group = self._group(state["security_group_id"])
        if group is None:
            return None
        there = group["IpPermissions" if state["type"] == "ingress" else "IpPermissionsEgress"]
        found = {_without_description(rule): rule for rule in inline_rules.described(there, group)}
        own = [_without_description(_resolved(rule, state)) for rule in _entries(state)]
        if not all(rule in found for rule in own):
            return None
        described = next((found[rule].description for rule in own if found[rule].description), None)
        return {**state, "description": described or (None if state["description"] is None else "")}

    def update(self, prior: Values, planned: Values) -> Values:
        """UpdateSecurityGroupRuleDescriptionsIngress, or -Egress: nothing else is changed in place."""
        if prior["description"] != planned["description"]:
            update = (
                self.ec2.update_security_group_rule_descriptions_ingress
                if planned["type"] == "ingress"
                else self.ec2.update_security_group_rule_descriptions_egress
            )
            id_ = planned["security_group_id"]
            update(GroupId=id_, IpPermissions=inline_rules.permissions(_entries(planned), id_))
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """Revoke, by what the rules say."""
        revoke = (
            self.ec2.revoke_security_group_ingress
            if state["type"] == "ingress"
            else self.ec2.revoke_security_group_egress
        )
        id_ = state["security_group_id"]
        try:
            revoke(GroupId=id_, IpPermissions=inline_rules.permissions(_entries(state), id_))
        except ClientError as error:
            if error_code(error) not in ("InvalidGroup.NotFound", "InvalidPermission.NotFound"):
                raise

    def _group(self, id_: str) -> Any:
        try:
            (group,) = self.ec2.describe_security_groups(GroupIds=[id_])["SecurityGroups"]
        except ClientError as error:
            if error_code(error) == "InvalidGroup.NotFound":
                return None
            raise
        return group


def _known(value: Any) -> Any:
    return None if value is UNKNOWN else value


def _entries(rule: Values) -> list[Entry]:
    source = _known(rule["source_security_group_id"])
    block = {**rule, "security_groups": [source] if source else []}
    return inline_rules.entries([block])


def _resolved(rule: Entry, state: Values) -> Entry:
    # The group itself is "self" in what EC2 says, however it was named.
    is_itself = rule.list == "security_groups" and rule.peer == state["security_group_id"]
    return Entry(rule.protocol, rule.first, rule.last, rule.description, "self", "") if is_itself else rule


def _without_description(rule: Entry) -> tuple[str, int, int, str, str]:
    return rule.protocol, rule.first, rule.last, rule.list, rule.peer


def _id(planned: Values, rules: list[Entry]) -> str:
    """SecurityGroupRuleCreateID: a checksum of what it says."""
    ports = [f"{port}-" for port in (planned["from_port"], planned["to_port"]) if port > 0]
    head = f"{planned['security_group_id']}-{''.join(ports)}{planned['protocol']}-{planned['type']}-"
    own = planned["security_group_id"]
    order = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids")
    said = [f"{peer}-" for name in order for peer in sorted(rule.peer for rule in rules if rule.list == name)]
    groups = sorted(rule.peer or own for rule in rules if rule.list not in order)
    # An empty name follows a group's id.
    said += [f"{group}--" for group in groups]
    return f"sgrule-{zlib.crc32((head + ''.join(said)).encode())}"
