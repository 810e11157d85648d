"""A rule set as the JSON of a stack has it, for tests of what reads that."""

from __future__ import annotations

from typing import Any

from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet

_TYPES = {"ingress": "aws_vpc_security_group_ingress_rule", "egress": "aws_vpc_security_group_egress_rule"}
_PEERS = {
    "ipv4": "cidr_ipv4",
    "ipv6": "cidr_ipv6",
    "prefix list": "prefix_list_id",
    "group": "referenced_security_group_id",
}


def written(rules: RuleSet, groups: set[GroupKey]) -> dict[str, Any]:
    """The JSON of the rules, which a writer with the prefix ``here`` writes.

    Args:
        rules: rules on groups that realise roles.
        groups: those that stand in the same stack, each at an address of its own.
    """
    resources: dict[str, dict[str, Any]] = {"aws_security_group": {}}
    for group in groups:
        tags = {"rancher-ports:owner": group.owner, "rancher-ports:role": group.role}
        resources["aws_security_group"][f"{group.owner}_{group.role}"] = {"tags": tags}
    for rule in rules.rules:
        name, arguments = _written(rule)
        of_type = resources.setdefault(_TYPES[rule.direction], {})
        assert name not in of_type
        of_type[name] = arguments
    return {"resource": resources}


def _reference(group: GroupKey, account: str | None = None) -> str:
    id_ = f"${{aws_security_group.{group.owner}_{group.role}.id}}"
    return id_ if account is None else f"{account}/{id_}"


def _written(rule: Rule) -> tuple[str, dict[str, Any]]:
    assert isinstance(rule.group, GroupKey)
    peer, port = rule.peer, rule.port
    value = _reference(peer.value, peer.account) if isinstance(peer.value, GroupKey) else peer.value
    ends = {} if port.protocol == "-1" else {"from_port": port.first, "to_port": port.last}
    tail = "all" if port.protocol == "-1" else f"{port.protocol}_{port.range}"
    arguments = {
        "security_group_id": _reference(rule.group),
        "ip_protocol": port.protocol,
        **ends,
        _PEERS[peer.kind]: value,
        "description": rule.description,
        "tags": {"rancher-ports:requirement": " ".join(rule.because)},
    }
    preposition = "from" if rule.direction == "ingress" else "to"
    return f"here_{rule.group.role}_{preposition}_{peer.name}_{tail}", arguments
