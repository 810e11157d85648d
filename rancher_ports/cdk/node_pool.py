"""The nodes that have the same roles, and the groups that they have for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rancher_ports.cdk.agents import AgentsGroup
from rancher_ports.cdk.neighbours import neighbours
from rancher_ports.cdk.security_groups import NodeSecurityGroups
from rancher_ports.errors import Faults, one_of, refuse
from rancher_ports.model.ids import SECURITY_GROUP_ID, is_known
from rancher_ports.model.roles import ROLES, check_role


class NodePool:
    """The security groups of nodes that have some roles, as their network interfaces take them.

    Args:
        cluster: whose nodes: a :class:`RancherCluster`, a :class:`RancherPorts` or a :class:`RancherServer`.
        roles: the roles, in any order.
        also: ids of further groups that the nodes have, such as one for SSH, which count as well.

    Raises:
        InputError: a role is not the construct's, none is given, or there are more groups than an interface takes.
    """

    def __init__(self, cluster: NodeSecurityGroups, *, roles: Iterable[str], also: Iterable[str] = ()) -> None:
        faults = Faults()
        place = "NodePool"
        if not isinstance(cluster, NodeSecurityGroups) or isinstance(cluster, AgentsGroup):
            faults.add(f"{place}.cluster", cluster, "a RancherCluster, a RancherPorts or a RancherServer")
            raise faults.error()
        place = f"{cluster.node.id}.{place}"
        known = cluster.roles
        wanted = _texts(roles, f"{place}.roles", "a list of roles", faults)
        if not wanted:
            faults.missing(f"{place}.roles", f"at least {one_of(known)}")
        for role in wanted:
            with faults.under(place):
                check_role(role, "roles", known)
        further = _texts(also, f"{place}.also", "a list of ids of security groups", faults)
        for index, id_ in enumerate(further):
            if is_known(id_) and not SECURITY_GROUP_ID.fullmatch(id_):
                faults.add(f"{place}.also[{index}]", id_, "the id of a security group")
        tagged = neighbours(cluster._stack).nodes - set(cluster.joined.values())
        for index, id_ in enumerate(further):
            if id_ in tagged:
                allowed = "a group without a cluster's tag, which one group of a node alone may carry"
                faults.add(f"{place}.also[{index}]", "the group nodes of another cluster", allowed)
        faults.raise_any()
        self.roles = tuple(role for role in ROLES if role in wanted)
        own = cluster.security_group_ids(*self.roles)
        ids = tuple(dict.fromkeys([*own, *further]))
        most = cluster.quotas.groups_per_interface
        if len(ids) > most:
            more = [id_ if is_known(id_) else "one known after apply" for id_ in ids[len(own) :]]
            named = ", ".join([*cluster.joined, *self.roles, *more])
            allowed = f"at most {most} groups for an interface ({named} are {len(ids)})"
            hint = "AWS allows more on request: Quotas(groups_per_interface=...)"
            raise refuse(f"{place}.roles", list(self.roles), f"{allowed}; {hint}")
        self._ids = ids

    @property
    def security_group_ids(self) -> list[str]:
        """The ids, of the groups first that every node joins; a list, since the CDK takes no other sequence."""
        return list(self._ids)


def _texts(given: object, place: str, allowed: str, faults: Faults) -> Sequence[str]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        faults.add(place, given, allowed)
        return []
    entries = list(given)
    for index, entry in enumerate(entries):
        if not isinstance(entry, str):
            faults.add(f"{place}[{index}]", entry, f"a text, in {allowed}")
    return [entry for entry in entries if isinstance(entry, str)]
