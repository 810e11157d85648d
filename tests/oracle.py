"""Reachability worked out from synthesized JSON alone.

Knows nothing of the package: no import from it, no table, no address grammar. A node has the group
whose ``rancher-ports:role`` tag is its role, and an address of its own; a packet passes where a rule of
the sender's group lets it out and a rule of the receiver's group lets it in. Hosts that are no nodes
send and receive what they like.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

INGRESS = "aws_vpc_security_group_ingress_rule"
EGRESS = "aws_vpc_security_group_egress_rule"
NODES = {"rancher": "10.77.0.1", "etcd": "10.77.0.2", "controlplane": "10.77.0.3", "worker": "10.77.0.4"}

Document = dict[str, Any]


@dataclass(frozen=True)
class Host:
    """A node, by its role, or a host outside, which has no role."""

    address: str
    role: str | None = None


@dataclass(frozen=True)
class Line:
    """One rule as the JSON has it."""

    address: str
    group: str
    direction: str
    protocol: str
    first: int | None
    last: int | None
    peer_kind: str
    peer: str

    def admits(self, other: Host, other_group: str | None, protocol: str, port: int) -> bool:
        """Whether the rule lets a packet of its group to or from another host pass; of ICMP the port is the type."""
        if self.protocol != "-1":
            assert self.first is not None
            assert self.last is not None
            ends = (self.first, self.first) if self.protocol == "icmp" else (self.first, self.last)
            if self.protocol != protocol or not ends[0] <= port <= ends[1]:
                return False
        if self.peer_kind == "referenced_security_group_id":
            return self.peer == other_group
        if self.peer_kind == "prefix_list_id":
            return False  # holds nobody here
        address, network = ipaddress.ip_address(other.address), ipaddress.ip_network(self.peer)
        return address.version == network.version and address in network


def groups(document: Document) -> dict[str, str]:
    """Role by the reference with which rules name its group."""
    found = document["resource"]["aws_security_group"]
    return {f"${{aws_security_group.{name}.id}}": group["tags"]["rancher-ports:role"] for name, group in found.items()}


def lines(document: Document) -> list[Line]:
    """Every rule in the JSON."""
    found = []
    for direction, type_ in (("ingress", INGRESS), ("egress", EGRESS)):
        for name, rule in document["resource"].get(type_, {}).items():
            kinds = ("referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "prefix_list_id")
            (kind,) = [kind for kind in kinds if kind in rule]
            line = Line(
                address=f"{type_}.{name}",
                group=groups(document)[rule["security_group_id"]],
                direction=direction,
                protocol=rule["ip_protocol"],
                first=rule.get("from_port"),
                last=rule.get("to_port"),
                peer_kind=kind,
                peer=groups(document).get(rule[kind], rule[kind]),
            )
            found.append(line)
    return found


class Network:
    """The nodes and their rules."""

    def __init__(self, document: Document) -> None:
        self._lines: dict[tuple[str, str], list[Line]] = {}
        for line in lines(document):
            self._lines.setdefault((line.group, line.direction), []).append(line)

    def admits(self, role: str, direction: str, other: Host, protocol: str, port: int) -> bool:
        """Whether one end lets a packet pass: a role's group, to or from another host."""
        candidates = self._lines.get((role, direction), ())
        return any(line.admits(other, other.role, protocol, port) for line in candidates)

    def reaches(self, source: Host, destination: Host, protocol: str, port: int) -> bool:
        """Whether both ends let a packet pass."""
        leaves = source.role is None or self.admits(source.role, "egress", destination, protocol, port)
        enters = destination.role is None or self.admits(destination.role, "ingress", source, protocol, port)
        return leaves and enters
