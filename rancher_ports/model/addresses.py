"""Addresses: where a security group or a rule stands in Terraform's state. They are public API.

``aws_security_group.<prefix>_<role>`` and
``aws_vpc_security_group_{ingress,egress}_rule.<prefix>_<role>_{from,to}_<peer>_<protocol>_<ports>``:
no index, no hash, no dependence on order. Changing one destroys and creates the resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rancher_ports.errors import InputError
from rancher_ports.model.names import NAME_PATTERN
from rancher_ports.model.ports import ALL, Port
from rancher_ports.model.roles import NODES, ROLES, Direction, GroupKey
from rancher_ports.model.rules import Rule

GROUP_TYPE = "aws_security_group"
RULE_TYPES: dict[Direction, str] = {
    "ingress": "aws_vpc_security_group_ingress_rule",
    "egress": "aws_vpc_security_group_egress_rule",
}

_PREPOSITIONS: dict[Direction, str] = {"ingress": "from", "egress": "to"}
# An adopted group that all nodes join may have rules, too.
_WITH_RULES = (*ROLES, NODES)
_DIRECTIONS = {preposition: direction for direction, preposition in _PREPOSITIONS.items()}


@dataclass(frozen=True, slots=True)
class Address:
    """A resource's type and name.

    Args:
        type: such as ``aws_security_group``.
        name: such as ``prod_etcd``.
    """

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}.{self.name}"


def address(resource: GroupKey | Rule, prefix: str) -> Address:
    """The address of a group or of a rule.

    Args:
        resource: the key of a group, or a rule on a group that realises a role.
        prefix: matches ``[a-z][a-z0-9-]*``; a rule's is that of whoever writes it, which for rules
            between a server and a cluster is the cluster.

    Raises:
        TypeError: the rule stands on a group that realises no role, and is not ``nodes``, which no rule of ours does.
    """
    if isinstance(resource, GroupKey):
        return Address(GROUP_TYPE, f"{prefix}_{resource.role}")
    if isinstance(resource.group, str) or resource.group.role not in _WITH_RULES:
        raise TypeError(f"a rule on {resource.group} has no address of ours")
    name = rule_name(resource.group.role, resource.direction, resource.peer.name, resource.port)
    return Address(RULE_TYPES[resource.direction], f"{prefix}_{name}")


def rule_name(role: str, direction: Direction, peer: str, port: Port) -> str:
    """The name in a rule's address, but for the prefix: ``rancher_from_office_tcp_443``.

    Args:
        role: whose group carries the rule.
        direction: ``ingress`` or ``egress``.
        peer: the peer's name.
        port: protocol and port range.
    """
    tail = "all" if port.protocol == ALL else f"{port.protocol}_{port.range}"
    return f"{role}_{_PREPOSITIONS[direction]}_{peer}_{tail}"


@dataclass(frozen=True, slots=True)
class RuleName:
    """What the name in a rule's address says.

    Args:
        prefix: the prefix of whoever wrote the rule.
        role: the role whose group carries it.
        direction: ``ingress`` or ``egress``.
        peer: the peer's name.
        port: protocol and port range.
    """

    prefix: str
    role: str
    direction: Direction
    peer: str
    port: Port


_RULE_NAME = re.compile(
    rf"({NAME_PATTERN})_({'|'.join(_WITH_RULES)})_(from|to)_({NAME_PATTERN})_(?:all|([a-z0-9]+)_([a-z0-9-]+))"
)


def read_rule_name(name: str) -> RuleName | None:
    """The parts of a rule's name, or None if it is not one that :func:`address` makes."""
    match = _RULE_NAME.fullmatch(name)
    if match is None:
        return None
    prefix, role, preposition, peer, protocol, ports = match.groups()
    try:
        port = Port.all() if protocol is None else Port.parse(f"{ports}/{protocol}")
    except InputError:
        return None
    return RuleName(prefix, role, _DIRECTIONS[preposition], peer, port)
