"""Node roles and directions, and the key under which the model knows a security group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rancher_ports.errors import nearest, one_of, refuse

Direction = Literal["ingress", "egress"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

# A Rancher server's nodes have one role, a cluster's nodes one or several of the three others.
# The order is the document's, and the order in which groups are listed everywhere.
SERVER_ROLES = ("rancher",)
CLUSTER_ROLES = ("etcd", "controlplane", "worker")
ROLES = SERVER_ROLES + CLUSTER_ROLES

# Groups that nodes of any role join besides: "agents" all nodes of the clusters in a VPC, "nodes" all of one cluster.
AGENTS = "agents"
NODES = "nodes"
EXTRA_GROUPS = (AGENTS, NODES)


@dataclass(frozen=True, slots=True)
class GroupKey:
    """Names a security group before it has an id.

    Args:
        owner: the Rancher server or the cluster to which the group belongs.
        role: the node role whose group it is, or one of ``EXTRA_GROUPS``.
    """

    owner: str
    role: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.role}"


def check_role(role: object, place: str, roles: tuple[str, ...] = ROLES) -> None:
    """Refuse what is not one of ``roles``.

    Raises:
        InputError: with the nearest role, for a typo.
    """
    if role not in roles:
        raise refuse(place, role, one_of(roles), nearest(role, roles))


def opposite(direction: Direction) -> Direction:
    """The other end's direction: what leaves one group enters another."""
    return "egress" if direction == "ingress" else "ingress"
