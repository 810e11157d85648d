"""What Terraform and EC2 say after an apply that broke off, written by hand after their documentation.

The stack is a golden; the plan has the form of "JSON Output Format" in Terraform's documentation, with what the
engine was seen to print of it for ``terraform_data``; EC2's answers that of the EC2 API reference.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tests.conftest import GOLDENS

GROUP = "aws_security_group"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
VPC = "vpc-0123456789abcdef0"
ACCOUNT = "123456789012"
REGION = "us-east-1"

# Made and in the state; made, and unknown to the state; never made.
Fate = Literal["known", "lost", "absent"]

_REFERENCE = re.compile(r"\$\{(aws_security_group\.[a-z_]+)\.id\}")
_PEERS = {"cidr_ipv4": "CidrIpv4", "cidr_ipv6": "CidrIpv6", "prefix_list_id": "PrefixListId"}


def id_of(address: str) -> str:
    """The id that EC2 has given to what stands at an address."""
    kind = "sg" if address.startswith(f"{GROUP}.") else "sgr"
    return f"{kind}-{hashlib.sha256(address.encode()).hexdigest()[:17]}"


def name_of(group: Mapping[str, Any], when: str = "20250304050607") -> str:
    """The name that the AWS provider gives a group with a name_prefix at a time."""
    return f"{group['name_prefix']}{when}{'0123'}{'0000002a'}"


def tags_of(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as EC2 lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class Apply:
    """A stack of which an apply has made and noted some resources.

    Args:
        fates: what became of resources, by address; the rest is ``known``.
        golden: the stack, by the name of its golden.
    """

    def __init__(self, fates: Mapping[str, Fate] | None = None, golden: str = "shipped-settings.json") -> None:
        stack = json.loads((GOLDENS / golden).read_text("utf-8"))
        self.resources: dict[str, dict[str, Any]] = {
            f"{type_}.{name}": {key: value for key, value in arguments.items() if key not in ("//", "lifecycle")}
            for type_ in (GROUP, INGRESS, EGRESS)
            for name, arguments in stack["resource"][type_].items()
        }
        self.fates: dict[str, Fate] = dict.fromkeys(self.resources, "known")
        self.fates |= fates or {}

    def at(self, fate: Fate) -> list[str]:
        """The addresses with a fate."""
        return sorted(address for address, found in self.fates.items() if found == fate)

    def groups_of(self, address: str) -> set[str]:
        """The addresses of the groups that a rule stands on or names."""
        return {match[1] for value in self.resources[address].values() if (match := _REFERENCE.match(str(value)))}

    def plan(self) -> dict[str, Any]:
        """The plan that Terraform makes next."""
        return {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": {}},
            "resource_changes": [self._change(address) for address in self.resources],
            "prior_state": {
                "format_version": "1.0",
                "values": {"root_module": {"resources": [self._state(address) for address in self.at("known")]}},
            },
            "configuration": {
                "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": REGION}}}},
                "root_module": {"resources": [self._configuration(address) for address in self.resources]},
            },
            "complete": True,
            "errored": False,
        }

    def groups(self) -> dict[str, Any]:
        """What ``describe-security-groups`` says."""
        made = [address for address, fate in self.fates.items() if fate != "absent" and address.startswith(GROUP)]
        return {"SecurityGroups": [self.group(address) for address in made]}

    def rules(self) -> dict[str, Any]:
        """What ``describe-security-group-rules`` says. A rule whose answer was lost has no tags yet."""
        made = [address for address, fate in self.fates.items() if fate != "absent" and not address.startswith(GROUP)]
        return {"SecurityGroupRules": [self.rule(address) for address in made]}

    def group(self, address: str, **changes: Any) -> dict[str, Any]:
        """One group as EC2 describes it."""
        group = self.resources[address]
        described = {
            "GroupId": id_of(address),
            "GroupName": name_of(group),
            "VpcId": VPC,
            "OwnerId": ACCOUNT,
            "Tags": tags_of(group["tags"]),
            "SecurityGroupArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{id_of(address)}",
        }
        return {**described, **changes}

    def rule(self, address: str, **changes: Any) -> dict[str, Any]:
        """One rule as EC2 describes it."""
        rule = {key: self._value(value) for key, value in self.resources[address].items()}
        described: dict[str, Any] = {
            "SecurityGroupRuleId": id_of(address),
            "GroupId": rule["security_group_id"],
            "GroupOwnerId": ACCOUNT,
            "IsEgress": address.startswith(EGRESS),
            "IpProtocol": rule["ip_protocol"],
            "FromPort": rule.get("from_port", -1),
            "ToPort": rule.get("to_port", -1),
            "Description": rule["description"],
            "Tags": tags_of(rule["tags"]) if self.fates[address] == "known" else [],
            **{_PEERS[key]: value for key, value in rule.items() if key in _PEERS},
        }
        if "referenced_security_group_id" in rule:
            account, _, id_ = f"{ACCOUNT}/{rule['referenced_security_group_id']}".rpartition("/")
            described["ReferencedGroupInfo"] = {"GroupId": id_, "UserId": account.rpartition("/")[2]}
        return {**described, **changes}

    def _value(self, value: Any) -> Any:
        if value == "${data.aws_vpc.default.id}":
            return VPC
        match = _REFERENCE.fullmatch(str(value))
        return id_of(match[1]) if match else value

    def _is_known(self, value: object) -> bool:
        match = _REFERENCE.fullmatch(str(value))
        return match is None or self.fates[match[1]] == "known"

    def _values(self, address: str) -> dict[str, Any]:
        return {"id": id_of(address)} | {key: self._value(value) for key, value in self.resources[address].items()}

    def _head(self, address: str) -> dict[str, Any]:
        type_, name = address.split(".")
        return {"address": address, "mode": "managed", "type": type_, "name": name}

    def _state(self, address: str) -> dict[str, Any]:
        return self._head(address) | {"values": self._values(address)}

    def _change(self, address: str) -> dict[str, Any]:
        if self.fates[address] == "known":
            values = self._values(address)
            nothing = {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}
            return self._head(address) | {"change": nothing}
        arguments = self.resources[address]
        after = {key: self._value(value) for key, value in arguments.items() if self._is_known(value)}
        unknown = {"id": True, "arn": True, "tags": {}} | {key: True for key in arguments if key not in after}
        if address.startswith(GROUP):
            unknown["name"] = True
        change: dict[str, Any] = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}
        return self._head(address) | {"change": change}

    def _configuration(self, address: str) -> dict[str, Any]:
        expressions = {key: dict(self._expression(value)) for key, value in self.resources[address].items()}
        return self._head(address) | {"provider_config_key": "aws", "expressions": expressions}

    def _expression(self, value: object) -> Iterator[tuple[str, Any]]:
        # Of JSON configuration the text of an expression comes as a constant, with its references.
        yield "constant_value", value
        if isinstance(value, str) and value.startswith("${"):
            reference = value[2:-1]
            yield "references", [reference, reference.removesuffix(".id")]


def change_of(plan: dict[str, Any], address: str) -> dict[str, Any]:
    """The change that a plan makes at an address, to be altered."""
    found: dict[str, Any] = next(
        change["change"] for change in plan["resource_changes"] if change["address"] == address
    )
    return found


def everything(fate: Fate) -> dict[str, Fate]:
    """One fate for all."""
    return dict.fromkeys(Apply().resources, fate)
