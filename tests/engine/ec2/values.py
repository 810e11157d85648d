"""What EC2 holds: VPCs, prefix lists, security groups, their rules, what has them; and moments of all that."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vpc:
    """A VPC; whether it has IPv6 decides what a new group may send."""

    id: str
    cidr: str
    is_default: bool = False
    has_ipv6: bool = False
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PrefixList:
    """A managed prefix list; its largest number of entries counts against the quota.

    Entries are blocks with descriptions.
    """

    id: str
    family: str = "ipv4"
    max_entries: int = 1
    name: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    version: int = 1
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """A security group."""

    id: str
    name: str
    description: str
    vpc_id: str
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rule:
    """A security group rule; ``peer_kind`` is ``ipv4``, ``ipv6``, ``prefix list`` or ``group``."""

    id: str
    group_id: str
    is_egress: bool
    protocol: str
    first: int
    last: int
    peer_kind: str
    peer: str
    description: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> tuple[str, bool, str, int, int, str, str]:
        """What AWS knows a duplicate by: everything but the description and the tags."""
        return self.group_id, self.is_egress, self.protocol, self.first, self.last, self.peer_kind, self.peer


@dataclass(frozen=True)
class Instance:
    """An instance, by the groups of its one network interface."""

    id: str
    group_ids: tuple[str, ...]
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Interface:
    """A network interface that is no instance's, such as a load balancer's."""

    id: str
    group_ids: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True)
class LaunchTemplate:
    """A launch template, by the groups of the instances made of its latest version."""

    id: str
    name: str
    group_ids: tuple[str, ...]
    version: int = 1


@dataclass(frozen=True)
class Moment:
    """What there is after one call that changed something, and the call."""

    action: str
    request: dict[str, object] = field(hash=False)
    groups: frozenset[Group]
    rules: frozenset[Rule]
    instances: frozenset[Instance]
